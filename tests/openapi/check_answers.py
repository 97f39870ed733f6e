#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Holds answers of the REST API against docs/openapi.yaml, and that document against itself.

Answers are lines of JSON:
    {"method", "target", "status", "contentType", "headers": {…}, "body": "…", "server": "/where/it/is/mounted"}
`server` may be left out where it is the document's own. Each answer must be of an operation, a status, a media type and
a shape that are documented; of streams every event and every line. What is documented but was never answered is an
error too, unless --uncovered names it.
"""
import argparse
import datetime
import json
import re
import sys
import urllib.parse
import uuid

import jsonschema
import yaml

METHODS = ("get", "put", "post", "delete", "patch", "trace", "options", "head")
# What the server adds to every answer by itself.
SERVERS_OWN = {"content-type", "content-length", "transfer-encoding", "connection", "date", "server", "keep-alive"}


class Fault(Exception):
    """What is wrong, in a sentence."""


# ---- the document ----------------------------------------------------------------------------------------------------


class Loader(yaml.SafeLoader):
    """As YAML 1.2 reads it where JSON is meant: times are strings, and a key is there once."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str):
                raise Fault(f"line {key.start_mark.line + 1}: the key {name!r} is no string, put it in quotes")
            if name in seen:
                raise Fault(f"line {key.start_mark.line + 1}: {name} is there twice")
            seen.add(name)
        return super().construct_mapping(node, deep)


def formats():
    """JSON Schema leaves formats to who validates; these are the ones that the document uses."""
    checker = jsonschema.FormatChecker(formats=())

    @checker.checks("date-time", raises=ValueError)
    def _(text):
        return not isinstance(text, str) or bool(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")))

    @checker.checks("uuid", raises=ValueError)
    def _(text):
        return not isinstance(text, str) or str(uuid.UUID(text)) == text

    @checker.checks("uri-reference", raises=ValueError)
    def _(text):
        return not isinstance(text, str) or (text.isascii() and " " not in text and bool(urllib.parse.urlsplit(text)))

    @checker.checks("int64")
    def _(number):
        return not isinstance(number, int) or -(2**63) <= number < 2**64

    return checker


def pointer(parts):
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def walk(value, at=()):
    """Every mapping in the document, with where it is."""
    if isinstance(value, dict):
        yield at, value
        for key, inner in value.items():
            yield from walk(inner, at + (key,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, at + (index,))


class Document:
    def __init__(self, text):
        self.root = yaml.load(text, Loader)
        self.formats = formats()
        self.validators = {}

    def find(self, reference):
        value = self.root
        if not reference.startswith("#/"):
            raise Fault(f"{reference} is no reference within the document")
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or part not in value:
                raise Fault(f"{reference} does not exist")
            value = value[part]
        return value

    def resolve(self, value):
        """A response, parameter or header, wherever it is. Schemas resolve their references themselves."""
        while isinstance(value, dict) and "$ref" in value:
            value = self.find(value["$ref"])
        return value

    def faults_of(self, schema, value):
        """Each fault as (JSON pointer, sentence), the telling ones first."""
        if id(schema) not in self.validators:
            # The components come along, so that references into them are references within one schema.
            whole = {"components": self.root.get("components", {}), "allOf": [schema]}
            self.validators[id(schema)] = jsonschema.Draft202012Validator(whole, format_checker=self.formats)
        found = sorted(self.validators[id(schema)].iter_errors(value), key=jsonschema.exceptions.relevance)
        # Where a part is wrong, all of it counts as not evaluated: that is no news.
        telling = [error for error in found if error.validator != "unevaluatedProperties"] or found
        for error in reversed(telling):
            while error.context:  # of what it could have been, what it is most like
                error = jsonschema.exceptions.best_match(error.context)
            sentence = error.message if len(error.message) < 300 else error.message[:300] + "…"
            yield pointer(error.absolute_path), sentence

    def operations(self):
        """(path, method, operation, parameters of path and operation)"""
        for path, item in self.root.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    operation = item[method]
                    parameters = item.get("parameters", []) + operation.get("parameters", [])
                    yield path, method, operation, [self.resolve(p) for p in parameters]
        for operation in self.root.get("x-other-requests", {}).values():
            yield None, None, operation, []

    def prefixes(self, path, mounted=None):
        """Where a path may be: below a server of its own or the document's, which is mounted there or elsewhere."""
        usual = (self.root.get("servers") or [{"url": "/"}])[0]["url"]
        urls = [server["url"] for server in self.root["paths"][path].get("servers", [{"url": usual}])]
        names = [(mounted if url == usual and mounted is not None else url).strip("/") for url in urls]
        return ["/" + name if name else "" for name in names]

    # ---- is it well-formed? ------------------------------------------------------------------------------------------

    def check(self):
        """Sentences about what is wrong with the document itself."""
        if not str(self.root.get("openapi", "")).startswith("3.1."):
            yield "openapi must be 3.1"
        referred, broken = set(), False
        for at, value in walk(self.root):
            if isinstance(value.get("$ref"), str):
                referred.add(value["$ref"])
                try:
                    self.find(value["$ref"])
                except Fault as fault:
                    broken = True
                    yield f"{pointer(at)}: {fault}"
        if broken:
            return
        for kind, components in self.root.get("components", {}).items():
            if kind == "securitySchemes":
                continue
            for name in components:
                if f"#/components/{kind}/{name}" not in referred:
                    yield f"/components/{kind}/{name} is used nowhere"
        yield from self.check_operations()
        yield from self.check_schemas()

    def check_operations(self):
        known = set()
        for path, method, operation, parameters in self.operations():
            name = operation.get("operationId")
            where = f"{method or 'x-other-requests'} {path or name}"
            if not name:
                yield f"{where} has no operationId"
            elif name in known:
                yield f"{where}: the operationId {name} is there twice"
            known.add(name)
            if not operation.get("responses"):
                yield f"{where} has no responses"
            in_path = {p["name"] for p in parameters if p["in"] == "path" and p.get("required")}
            if path is not None and set(re.findall(r"{(\w+)}", path)) != in_path:
                yield f"{where}: the path's parameters are {sorted(in_path)}"
            for status, response in operation.get("responses", {}).items():
                response = self.resolve(response)
                if not re.fullmatch(r"[2-5]\d\d", status):
                    yield f"{where}: {status} is no status"
                if not response.get("description"):
                    yield f"{where}: {status} has no description"

    def check_schemas(self):
        schemas = [(("components", "schemas", name), schema)
                   for name, schema in self.root.get("components", {}).get("schemas", {}).items()]
        media = [(at, value) for at, value in walk(self.root) if "schema" in value and at[-1:] != ("properties",)]
        schemas += [(at + ("schema",), value["schema"]) for at, value in media]  # of parameters and headers too
        faults = [fault for at, schema in schemas for fault in self.check_schema(at, schema)]
        yield from faults
        if not faults:  # examples are held against schemas that are some
            for at, schema in schemas:
                for inner, value in walk(schema, at):
                    for example in value.get("examples", []) if inner[-1] != "properties" else []:
                        for where, sentence in self.faults_of(value, example):
                            yield f"{pointer(inner)}: the example at {where}: {sentence}"
            for at, value in media:
                given = [example["value"] for example in value.get("examples", {}).values()]
                for example in given + ([value["example"]] if "example" in value else []):
                    for where, sentence in self.faults_of(value["schema"], example):
                        yield f"{pointer(at)}: the example at {where}: {sentence}"
                    for sentence in self.stream_faults(value, example):
                        yield f"{pointer(at)}: the example: {sentence}"

    def check_schema(self, at, schema):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{pointer(at + tuple(error.absolute_path))} is no schema: {error.message}"
            return
        for inner, value in walk(schema, at):
            if value.get("type") == "object" and not {"additionalProperties", "unevaluatedProperties"} & value.keys():
                yield f"{pointer(inner)} does not say whether it is closed (additionalProperties)"
            if "properties" in value and "type" in value:
                for name in value.get("required", []):
                    if name not in value["properties"]:
                        yield f"{pointer(inner)} requires {name}, which it does not describe"

    # ---- streams -----------------------------------------------------------------------------------------------------

    def stream_faults(self, media, body):
        if "x-events" in media:
            yield from self.event_faults(media["x-events"], body)
        if "x-lines" in media:
            yield from self.line_faults(media["x-lines"], body)

    def line_faults(self, schema, body):
        if body and not body.endswith("\n"):
            yield "the last line has no end"
        for number, line in enumerate(body.split("\n")[:-1], 1):
            try:
                value = json_of(line)
            except ValueError as error:
                yield f"line {number} is no JSON: {error}"
                continue
            for where, sentence in self.faults_of(schema, value):
                yield f"line {number}, at {where}: {sentence}"

    def event_faults(self, schemas, body):
        version, over = 0, None
        for number, (name, event_id, data) in enumerate(events_of(body), 1):
            here = f"event {number} ({name})"
            if over:
                yield f"{here} comes after {over}"
            if name not in schemas:
                yield f"{here} is not documented"
                continue
            try:
                value = json_of(data)
            except ValueError as error:
                yield f"{here}: the data is no JSON: {error}"
                continue
            for where, sentence in self.faults_of(schemas[name], value):
                yield f"{here}, at {where}: {sentence}"
            if name in ("finished", "closing"):
                over = name
            if name == "closing":
                continue
            if event_id is None and name == "milestone":
                pass  # an event of the same version follows
            elif event_id is None or not event_id.isdigit():
                yield f"{here} has no version as its id"
            elif int(event_id) < version:
                yield f"{here} has the id {event_id}, after {version}"
            else:
                version = int(event_id)
                if isinstance(value, dict) and value.get("version", version) != version:
                    yield f"{here}, at /version: it is not the event's id, {event_id}"
        if body and not re.search(r"\n\r?\n$", body):
            yield "the last event has no end"


def path_and_query(target):
    """As a server takes it apart: of a whole URL what follows the host."""
    target = re.sub(r"^https?://[^/?]*", "", target)
    path, _, query = target.partition("?")
    return path or "/", query


def json_of(text):
    def refuse(constant):
        raise ValueError(f"{constant} is no JSON")

    def once(pairs):
        members = dict(pairs)
        if len(members) < len(pairs):
            raise ValueError("a member is there twice")
        return members

    return json.loads(text, parse_constant=refuse, object_pairs_hook=once)


def events_of(body):
    """(event, its own id, data) of each event, read as the HTML standard says a browser does."""
    own_id, name, data = None, "", []
    for line in re.split(r"\r\n|\n|\r", body):
        if line == "":
            if data:
                yield name or "message", own_id, "\n".join(data)
            own_id, name, data = None, "", []
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            own_id = value
        elif field not in ("", "retry"):
            raise Fault(f"an event has the unknown field {field}")


# ---- the answers -----------------------------------------------------------------------------------------------------


class Answers:
    """Checks answer after answer, and remembers which of what is documented they have covered."""

    def __init__(self, document):
        self.document = document
        self.covered = set()
        self.problems = set()

    def check(self, answer):
        """Sentences about what is wrong with an answer."""
        method, target, status = answer["method"], answer["target"], answer["status"]
        try:
            for sentence in self.faults_of(answer):
                yield f"{method} {target} {status}: {sentence}"
        except Fault as fault:
            yield f"{method} {target} {status}: {fault}"

    def operation_of(self, method, target, mounted=None):
        """The operation, its parameters, and the values that the path has for them."""
        others = self.document.root.get("x-other-requests", {})
        path = path_and_query(target)[0]
        # An escaped slash is part of a name, and what is no escape makes no name at all.
        broken = re.search(r"%(?![0-9A-Fa-f]{2})|%00", path)
        path = [] if broken else [urllib.parse.unquote(segment) for segment in path.split("/")]
        # A path without parameters goes before one with some.
        for template in sorted(self.document.root["paths"], key=lambda t: t.count("{")):
            for prefix in self.document.prefixes(template, mounted):
                expected = (prefix + template).split("/")
                in_path = {name[1:-1]: value for name, value in zip(expected, path) if name.startswith("{")}
                if len(expected) != len(path) or any(
                    name != value for name, value in zip(expected, path) if not name.startswith("{")
                ):
                    continue
                asked = "GET" if method == "HEAD" else method
                for at, known, operation, parameters in self.document.operations():
                    if at == template and known.upper() == asked:
                        return operation, parameters, in_path
                return others.get("options" if method == "OPTIONS" else "otherMethod"), [], {}
        return others.get("options" if method == "OPTIONS" else "unknownPath"), [], {}

    def faults_of(self, answer):
        method, target, status = answer["method"], answer["target"], str(answer["status"])
        operation, parameters, in_path = self.operation_of(method, target, answer.get("server"))
        if operation is None:
            raise Fault("no such operation is documented")
        name = operation["operationId"]
        if status not in operation["responses"]:
            raise Fault(f"{name} documents no such status, only {', '.join(operation['responses'])}")
        response = self.document.resolve(operation["responses"][status])
        self.covered.add((name, status))
        if status.startswith("2"):
            yield from self.request_faults(target, parameters, in_path)
        yield from self.header_faults(answer, response)
        yield from self.body_faults(answer, response)

    def request_faults(self, target, parameters, in_path):
        """What has been accepted must be documented."""
        query = urllib.parse.parse_qsl(path_and_query(target)[1], keep_blank_values=True)
        given = {("path", key): value.lower() for key, value in in_path.items()}
        for key, value in query:
            given.setdefault(("query", key), value)  # the first one counts
        for parameter in parameters:
            where, key = parameter["in"], parameter["name"]
            value = given.get((where, key))
            if value is None:
                if parameter.get("required"):
                    yield f"it is accepted without {key} in the {where}"
                continue
            number = self.document.resolve(parameter["schema"]).get("type") == "integer"
            if number and re.fullmatch(r"-?\d+", value):
                value = int(value)
            for _, sentence in self.document.faults_of(parameter["schema"], value):
                yield f"{key} in the {where} is accepted, though {sentence}"

    def header_faults(self, answer, response):
        documented = {**self.document.root.get("x-every-answer", {}).get("headers", {}), **response.get("headers", {})}
        documented = {key.lower(): self.document.resolve(header) for key, header in documented.items()}
        given = {}
        for key, value in answer["headers"].items():
            if key.lower() in given:
                yield f"the header {key} is there twice"
            given[key.lower()] = value
        for key, header in documented.items():
            if key not in given:
                if header.get("required"):
                    yield f"the header {key} is missing"
                continue
            for _, sentence in self.document.faults_of(header["schema"], given[key]):
                yield f"the header {key}: {sentence}"
        for key in given.keys() - documented.keys() - SERVERS_OWN:
            yield f"the header {key} is not documented"

    def body_faults(self, answer, response):
        kind, body = answer.get("contentType") or "", answer.get("body") or ""
        content = response.get("content", {})
        if not content:
            if kind or body:
                yield f"it has a body ({kind}), and none is documented"
            return
        essence = kind.split(";")[0].strip().lower()
        if essence not in content:
            raise Fault(f"its media type is {kind or 'absent'}, documented is {', '.join(content)}")
        media = content[essence]
        if answer["method"] == "HEAD" and not body:  # a server leaves it out
            return
        if not re.search(r"\bjson$", essence) or "x-lines" in media:
            yield from self.document.stream_faults(media, body)
            return
        try:
            value = json_of(body)
        except ValueError as error:
            raise Fault(f"the body is no JSON: {error}") from error
        for where, sentence in self.document.faults_of(media["schema"], value):
            yield f"at {where}: {sentence}"
        if essence == "application/problem+json" and isinstance(value, dict):
            self.problems.add(value.get("type"))

    def uncovered(self):
        """What is documented and was never answered, "operationId status" or "problem type"."""
        for _, _, operation, _ in self.document.operations():
            for status in operation["responses"]:
                if (operation["operationId"], status) not in self.covered:
                    yield f"{operation['operationId']} {status}"
        problem = self.document.root.get("components", {}).get("schemas", {}).get("Problem", {})
        for kind in problem.get("properties", {}).get("type", {}).get("enum", []):
            if kind not in self.problems:
                yield f"problem {kind.rsplit(':', 1)[-1]}"


def uncovered_faults(uncovered, allowed):
    """`allowed` has what `uncovered` may name; "* 500" is the 500 of every operation."""
    for pair in uncovered:
        if pair not in allowed and f"* {pair.split()[1]}" not in allowed:
            yield f"{pair}: documented, but no answer has been seen"
    for pair in allowed:
        if not any(u == pair or (pair[0] == "*" and u.split()[1] == pair[2:]) for u in uncovered):
            yield f"--uncovered '{pair}': not documented, or covered by now"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("document", help="the OpenAPI document")
    parser.add_argument("answers", nargs="?", help="the answers; without them only the document is checked")
    parser.add_argument("--uncovered", action="append", default=[], metavar="'operationId status'",
                        help="documented, but not to be seen in the answers; '* 500' for every operation")
    arguments = parser.parse_args()
    faults, seen = [], 0
    try:
        with open(arguments.document, encoding="utf-8") as file:
            document = Document(file.read())
        faults += document.check()
        if arguments.answers and not faults:
            answers = Answers(document)
            with open(arguments.answers, encoding="utf-8") as file:
                for seen, line in enumerate(file, 1):
                    faults += answers.check(json.loads(line))
            faults += uncovered_faults(list(answers.uncovered()), arguments.uncovered)
    except (Fault, OSError, ValueError, KeyError, yaml.YAMLError) as error:
        faults.append(f"{type(error).__name__}: {error}")
    for fault in dict.fromkeys(faults):  # the same fault of many answers once
        print(fault)
    print(f"{arguments.document}: {len(list(document.operations())) if not faults else 0} operations, "
          f"{seen} answers, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
