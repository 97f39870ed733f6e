#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What check_answers.py must refuse, and what it must not: answers and documents, each wrong in one thing."""
import json
import pathlib
import re
import unittest

import check_answers

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
PREFIX = "/api/batch/annotations"
JOB = "019b7c6f-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
AT = "2026-01-02T03:04:05.678Z"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(method, target, status, body, kind="application/json", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, str) else json.dumps(body)
    return {"method": method, "target": PREFIX + target, "status": status, "contentType": kind,
            "headers": {**HEADERS, **named}, "body": text}


def problem(method, target, status, name, **headers):
    document = {"type": "urn:batchpace:problem:" + name, "title": "It is wrong", "status": status}
    return answer(method, target, status, document, "application/problem+json", **headers)


def state(**other):
    job = {"jobId": JOB, "status": "processing", "version": 7, "totalKnown": True, "waiting": 1, "inFlight": 1,
           "progress": {"total": 4, "processed": 2, "successful": 1, "failed": 1, "percentage": 50}, "retrying": 0,
           "cancelled": 0, "abandoned": 0, "paused": False, "stalled": False, "createdAt": AT, "startedAt": AT,
           "milestones": [{"percentage": 25, "processed": 1, "total": 4, "at": AT}], "errorCount": 1,
           "errorDistribution": {"not a picture": 1}}
    return {**job, **other}


def told(**other):
    """What events say of a job."""
    return state(**{"errorsTruncated": False, **other})


def event(name, data, number=None):
    return (f"id: {number}\n" if number is not None else "") + f"event: {name}\ndata: {json.dumps(data)}\n\n"


ERROR = {"itemId": "a.png", "error": "not a picture", "attemptNumber": 1, "kind": "permanent", "timestamp": AT}
LINE = {"itemId": "a.png", "status": "successful", "annotation": [1, None], "attempts": 1, "durationMs": 3,
        "finishedAt": AT}
MILESTONE = {"jobId": JOB, "percentage": 25, "processed": 1, "total": 4, "at": AT}
START = {"jobId": JOB, "status": "pending", "total": 2, "statusUrl": f"{PREFIX}/{JOB}/status"}
CREATED = answer("POST", "/start", 201, START, Location=START["statusUrl"])
STATUS = answer("GET", f"/{JOB}/status?errors=5", 200, state(errors=[ERROR], errorsTruncated=False))
RESULTS = answer("GET", f"/{JOB}/results", 200, json.dumps(LINE) + "\n", "application/x-ndjson", Results_From="0",
                 X_Accel_Buffering="no")
EVENTS = answer("GET", f"/{JOB}/events", 200,
                ":\n\n" + event("milestone", MILESTONE) + event("progress", told(), 7) +
                event("finished", told(status="completed", finishedAt=AT, version=9), 9),
                "text/event-stream", X_Accel_Buffering="no")
UNKNOWN = problem("GET", f"/{JOB}/status", 404, "unknown-job")
BUSY = problem("POST", "/start", 429, "too-many-jobs", Retry_After="5")


class Answers(unittest.TestCase):
    document = check_answers.Document(DOCUMENT)

    def sentences(self, given):
        return list(check_answers.Answers(self.document).check(given))

    def refused(self, given, *expected):
        found = self.sentences(given)
        self.assertTrue(found, "it is accepted")
        for part in expected:
            self.assertIn(part, " | ".join(found))

    def body_refused(self, given, change, *expected):
        body = json.loads(given["body"])
        change(body)
        self.refused({**given, "body": json.dumps(body)}, *expected)

    def test_right_answers_are_accepted(self):
        health = answer("GET", "/healthz", 200, {"status": "ok"})
        bare = {**answer("GET", "", 200, "", "text/plain; version=0.0.4"), "target": "/metrics"}
        head = {**STATUS, "method": "HEAD", "body": ""}
        escaped = {**STATUS, "target": "http://localhost/api/batch/annotations/" + JOB.upper() + "/%73tatus?other=1"}
        elsewhere = problem("GET", "/nothing", 404, "unknown-path")
        slash = {**elsewhere, "target": PREFIX + "%2Fstart"}
        escape = problem("GET", "/%zz/status", 400, "malformed-request")
        method = problem("DELETE", "/start", 405, "method-not-allowed", Allow="POST, OPTIONS")
        options = answer("OPTIONS", "/start", 204, "", "", Allow="POST, OPTIONS")
        done = answer("GET", f"/{JOB}/events", 204, "", "")
        moved = {**STATUS, "target": f"/a/b/{JOB}/status", "server": "a/b/"}
        root = {**STATUS, "target": f"/{JOB}/status", "server": ""}
        follow = {**RESULTS, "target": RESULTS["target"] + "?after=3&limit=10&follow=true", "body": ""}
        for given in (CREATED, STATUS, RESULTS, EVENTS, UNKNOWN, BUSY, health, bare, head, escaped, elsewhere, slash,
                      escape, method, {**method, "method": "post"}, options, done, moved, root, follow):
            self.assertEqual(self.sentences(given), [])

    def test_what_is_not_documented_is_refused(self):
        self.refused({**STATUS, "status": 202}, "GET", STATUS["target"], "202", "documents no such status")
        self.refused({**STATUS, "target": PREFIX + "/nothing"}, "unknownPath documents no such status")
        self.refused({**STATUS, "target": STATUS["target"].replace("batch", "other")}, "no such status")
        self.refused({**STATUS, "method": "DELETE"}, "otherMethod documents no such status")
        self.refused({**STATUS, "server": "/a/b"}, "unknownPath documents no such status")
        self.refused({**CREATED, "status": 200}, "no such status")
        self.refused({**STATUS, "contentType": "text/html"}, "its media type is text/html")
        self.refused({**STATUS, "contentType": ""}, "its media type is absent")
        self.refused(answer("GET", f"/{JOB}/events", 204, "x", "text/plain"), "has a body")

        bare = check_answers.Document(DOCUMENT)
        del bare.root["x-other-requests"]
        found = check_answers.Answers(bare).check(problem("GET", "/nothing", 404, "unknown-path"))
        self.assertIn("no such operation is documented", next(found))

    def test_headers_are_looked_at(self):
        self.refused({**CREATED, "headers": HEADERS}, "the header location is missing")
        self.refused({**BUSY, "headers": HEADERS}, "the header retry-after is missing")
        self.refused(problem("PUT", "/start", 405, "method-not-allowed"), "the header allow is missing")
        self.refused({**RESULTS, "headers": {**RESULTS["headers"], "Results-From": "one"}}, "results-from", "'one'")
        self.refused({**STATUS, "headers": {}}, "cache-control is missing", "x-content-type-options is missing")
        self.refused({**STATUS, "headers": {**HEADERS, "X-Other": "1"}}, "the header x-other is not documented")
        self.refused({**STATUS, "headers": {**HEADERS, "cache-control": "no-store"}}, "is there twice")

    def test_shapes_are_strict(self):
        self.body_refused(STATUS, lambda b: b.pop("waiting"), "at /: 'waiting' is a required property")
        self.body_refused(STATUS, lambda b: b.pop("errors"), "'errors' is a required property")
        self.body_refused(STATUS, lambda b: b.update(more=1), "'more' was unexpected")
        self.body_refused(STATUS, lambda b: b["progress"].update(more=1), "at /progress", "'more' was unexpected")
        self.body_refused(STATUS, lambda b: b["progress"].update(total="4"), "at /progress/total", "'integer'")
        self.body_refused(STATUS, lambda b: b["progress"].update(total=-1), "less than the minimum")
        self.body_refused(STATUS, lambda b: b["progress"].update(percentage=None), "at /progress/percentage")
        self.body_refused(STATUS, lambda b: b["progress"].update(percentage=101), "at /progress/percentage")
        self.body_refused(STATUS, lambda b: b.update(totalKnown=False), "at /progress/percentage")
        self.body_refused(STATUS, lambda b: b.update(status="done"), "at /status", "'done' is not one of")
        self.body_refused(STATUS, lambda b: b.update(stopReason="none"), "at /stopReason")
        self.body_refused(STATUS, lambda b: b.update(status="cancelled"), "'stopReason' is a required property")
        self.body_refused(STATUS, lambda b: b.update(finishedAt=AT), "at /status")
        self.body_refused(STATUS, lambda b: b.pop("startedAt"), "'startedAt' is a required property")
        self.body_refused(STATUS, lambda b: b.update(createdAt="2026-01-02T03:04:05Z"), "at /createdAt")
        self.body_refused(STATUS, lambda b: b.update(createdAt="2026-02-31T03:04:05.000Z"), "is not a 'date-time'")
        self.body_refused(STATUS, lambda b: b.update(jobId="7"), "at /jobId")
        self.body_refused(STATUS, lambda b: b["errors"][0].pop("kind"), "at /errors/0: 'kind' is a required")
        self.body_refused(STATUS, lambda b: b["errors"][0].update(kind="odd"), "at /errors/0/kind")
        self.body_refused(STATUS, lambda b: b["milestones"][0].update(percentage=30), "at /milestones/0/percentage")
        self.body_refused(STATUS, lambda b: b.update(errorDistribution={"x": 0}), "at /errorDistribution/x")
        self.body_refused(STATUS, lambda b: b.update(waitingFor={"reason": "rate"}), "'scope' is a required property")
        self.body_refused(CREATED, lambda b: b.update(retryOf=JOB), "'retryOf' was unexpected")

    def test_what_is_no_json_is_refused(self):
        for body in ("", "{", '{"a": NaN}', '{"a":1,"a":1}', "{} {}"):
            self.refused({**STATUS, "body": body}, "the body is no JSON")

    def test_problems_fit_their_answers(self):
        self.body_refused(UNKNOWN, lambda b: b.update(status=400), "/status")
        self.body_refused(UNKNOWN, lambda b: b.update(type="about:blank"), "at /type")
        self.body_refused(UNKNOWN, lambda b: b.update(type="urn:batchpace:problem:unknown-path"), "at /type")
        self.body_refused(UNKNOWN, lambda b: b.update(title=""), "at /title")
        self.body_refused(UNKNOWN, lambda b: b.update(why="so"), "'why' was unexpected")
        self.body_refused(UNKNOWN, lambda b: b.update(errorCount=3), "'errors'")
        self.refused(problem("POST", "/start", 422, "invalid-request"), "'errors' is a required property")
        self.refused(problem("POST", f"/{JOB}/pause", 409, "job-finished"), "'message' is a required property")
        self.refused(problem("POST", f"/{JOB}/retry", 409, "job-finished"), "/type")

    def test_lines_are_looked_at(self):
        def with_line(**change):
            line = {key: value for key, value in {**LINE, **change}.items() if value is not ...}
            return {**RESULTS, "body": json.dumps(LINE) + "\n" + json.dumps(line) + "\n"}

        self.assertEqual(self.sentences(with_line(annotation=...)), [])
        self.assertEqual(self.sentences(with_line(status="cancelled", annotation=..., attempts=0)), [])
        self.refused(with_line(itemId=...), "line 2, at /: 'itemId' is a required property")
        self.refused(with_line(status="failed", annotation=...), "line 2", "'error' is a required property")
        self.refused(with_line(status="failed", error="e", kind="permanent"), "line 2", "[1, None]")
        self.refused(with_line(kind="permanent"), "line 2", "permanent")
        self.refused(with_line(error="e"), "line 2")
        self.refused(with_line(attempts=0), "line 2, at /attempts")
        self.refused({**RESULTS, "body": json.dumps(LINE)}, "the last line has no end")
        self.refused({**RESULTS, "body": "{\n"}, "line 1 is no JSON")
        self.refused({**RESULTS, "body": "\n"}, "line 1 is no JSON")

    def test_events_are_looked_at(self):
        def with_events(*events):
            return {**EVENTS, "body": "".join(events)}

        finished = told(status="completed", finishedAt=AT, version=9)
        closing = event("closing", {})
        self.assertEqual(self.sentences(with_events(event("progress", told(), 7), closing)), [])
        self.assertEqual(self.sentences(with_events()), [])
        self.refused(with_events(event("other", {}, 7)), "event 1 (other) is not documented")
        self.refused(with_events("data: {}\n\n"), "event 1 (message) is not documented")
        self.refused(with_events(event("progress", told())), "event 1 (progress) has no version as its id")
        self.refused(with_events(event("progress", told(), "x")), "has no version as its id")
        self.refused(with_events(event("progress", told(), 8)), "at /version")
        self.refused(with_events(event("progress", told(errors=[]), 7)), "'errors' was unexpected")
        self.refused(with_events(event("progress", told(version=9), 9), event("progress", told(), 7)), "after 9")
        self.refused(with_events(event("finished", finished, 9), event("progress", told(version=9), 9)),
                     "event 2 (progress) comes after finished")
        self.refused(with_events(closing, closing), "comes after closing")
        self.refused(with_events(event("finished", told(), 7)), "'finishedAt' is a required property")
        self.refused(with_events(event("closing", {"a": 1})), "'a' was unexpected")
        self.refused(with_events(event("milestone", {**MILESTONE, "percentage": 10}, 3)), "at /percentage")
        self.refused(with_events("event: closing\ndata: {\n\n"), "the data is no JSON")
        self.refused(with_events(event("progress", told(), 7)[:-1]), "the last event has no end")
        self.refused(with_events("what: 1\n\n"), "unknown field what")

    def test_what_is_accepted_must_be_documented(self):
        jobs = answer("GET", "/jobs?limit=50&status=failed", 200, {"jobs": []})
        self.assertEqual(self.sentences(jobs), [])
        self.refused({**jobs, "target": PREFIX + "/jobs?limit=1001"}, "limit in the query is accepted")
        self.refused({**jobs, "target": PREFIX + "/jobs?limit=x"}, "limit in the query is accepted")
        self.refused({**jobs, "target": PREFIX + "/jobs?status=odd"}, "status in the query is accepted")
        self.refused({**STATUS, "target": PREFIX + "/7/status"}, "jobId in the path is accepted")
        estimate = {"minutes": 1.5, "concurrency": 1, "rateLimitPerMinute": None, "tier": None, "calls": 1}
        self.refused(answer("GET", "/estimate", 200, estimate), "accepted without count")

    def test_what_was_never_answered_is_named(self):
        answers = check_answers.Answers(self.document)
        for given in (CREATED, UNKNOWN):
            self.assertEqual(list(answers.check(given)), [])
        left = list(answers.uncovered())
        self.assertNotIn("startJob 201", left)
        self.assertNotIn("getStatus 404", left)
        self.assertNotIn("problem unknown-job", left)
        for name in ("startJob 422", "getStatus 200", "otherMethod 405", "problem job-active"):
            self.assertIn(name, left)
        self.assertEqual(list(check_answers.uncovered_faults(["a 500", "b 500", "b 200"], ["* 500", "b 200"])), [])
        self.assertEqual(list(check_answers.uncovered_faults(["a 500"], ["b 500"])),
                         ["a 500: documented, but no answer has been seen",
                          "--uncovered 'b 500': not documented, or covered by now"])


class Documents(unittest.TestCase):
    def faults(self, change):
        document = check_answers.Document(DOCUMENT)
        change(document.root)
        return " | ".join(document.check())

    def test_ours_is_right(self):
        self.assertEqual(self.faults(lambda d: None), "")

    def test_its_words_are_the_librarys(self):
        schemas = check_answers.Document(DOCUMENT).root["components"]["schemas"]
        waiting = schemas["WaitingFor"]["properties"]
        for header, kind, words in (
            ("job_status", "JobStatus", schemas["JobStatus"]["enum"]),
            ("stop_reason", "StopReason", ["none"] + schemas["StopReason"]["enum"]),  # none is not written
            ("failure_kind", "FailureKind", schemas["FailureKind"]["enum"]),
            ("item_result", "ItemStatus", schemas["ItemStatus"]["enum"]),
            ("waiting_for", "WaitingFor::Reason", waiting["reason"]["enum"]),
            ("waiting_for", "WaitingFor::Scope", waiting["scope"]["enum"]),
        ):
            text = (ROOT / "include" / "batchpace" / f"{header}.hpp").read_text(encoding="utf-8")
            written = re.findall(rf'case {kind}::\w+: return "(\w+)";', text)
            self.assertEqual(written, words, header)

    def test_a_wrong_one_is_refused(self):
        def at(document, *path):
            for part in path:
                document = document[part]
            return document

        start = ("paths", "/start", "post")
        body = start + ("requestBody", "content", "application/json")
        job = ("components", "schemas", "JobState")
        no_schema = {"schema": {"$ref": "#/components/schemas/No"}}
        stats = ("components", "schemas", "Stats")
        for expected, change in {
            "openapi must be 3.1": lambda d: d.update(openapi="3.0.3"),
            "#/components/schemas/No does not exist": lambda d: at(d, *body).update(no_schema),
            "x is no reference within the document": lambda d: at(d, *body).update(schema={"$ref": "x"}),
            "post /start has no responses": lambda d: at(d, *start).update(responses={}),
            "is used nowhere": lambda d: at(d, "components", "headers").update(Other={"schema": {}}),
            "post /start has no operationId": lambda d: at(d, *start).pop("operationId"),
            "the operationId listJobs is there twice": lambda d: at(d, *start).update(operationId="listJobs"),
            "the path's parameters are []": lambda d: at(d, "paths", "/{jobId}/status").pop("parameters"),
            "abc is no status": lambda d: at(d, *start, "responses").update(abc={"description": "x"}),
            "299 has no description": lambda d: at(d, *start, "responses").update({"299": {}}),
            "the example at /imageIds": lambda d: at(d, *body, "examples", "small").update(value={"imageIds": []}),
            "the example: line 1": lambda d: at(d, "paths", "/{jobId}/results", "get", "responses", "200", "content",
                                                "application/x-ndjson").update(example="{}\n"),
            "the example: event 1": lambda d: at(d, "paths", "/{jobId}/events", "get", "responses", "200", "content",
                                                 "text/event-stream").update(example="data: 1\n\n"),
            "the example at /": lambda d: at(d, "components", "schemas", "JobId").update(examples=["x"]),
            "is no schema": lambda d: at(d, *job, "properties", "paused").update(type="bool"),
            "does not say whether it is closed": lambda d: at(d, *stats).pop("additionalProperties"),
            "requires other": lambda d: at(d, *stats, "required").append("other"),
        }.items():
            with self.subTest(expected):
                self.assertIn(expected, self.faults(change))

    def test_yaml_that_means_something_else_is_refused(self):
        for text, expected in {
            "a: 1\na: 2\n": "a is there twice",
            "responses:\n  200: {}\n": "200 is no string",
        }.items():
            with self.assertRaisesRegex(check_answers.Fault, expected):
                check_answers.Document(text)
        self.assertEqual(check_answers.Document("at: 2026-01-02T03:04:05Z\n").root, {"at": "2026-01-02T03:04:05Z"})


if __name__ == "__main__":
    unittest.main()
