#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A service like Google's Vision API, on loopback: POST /v1/images:annotate with up to 16 images.

It has a rolling window of its own, by the times at which requests arrive here, and turns away what is beyond it by 429
with Retry-After: in seconds and as a date by turns. It delays answers, and of each hundred requests it fails so many,
drops so many connections and hangs so often as it is told. What it saw is at GET /counts. It shares nothing with the annotator.

Its last line on standard output when it listens: "ready at http://127.0.0.1:PORT".
"""

import argparse
import asyncio
import base64
import collections
import email.utils
import json
import math
import random
import ssl
import time
import weakref

KEY = "key-of-the-test.0123456789"
MOST_IMAGES = 16
MOST_BYTES = 10_000_000


class Counts:
    def __init__(self, limit, window):
        self.limit, self.window = limit, window
        self.arrivals = []  # of requests to annotate, by the monotonic clock
        self.admitted = collections.deque()  # of those in the window
        self.turned_away_until = 0.0
        self.names = collections.Counter()
        self.images = collections.Counter()  # by what they are: how often it was answered
        self.images_a_request = collections.Counter()
        self.most_bytes = 0
        self.open = 0
        self.closed_while_hanging = []  # when

    def arrive(self):
        now = time.monotonic()
        self.arrivals.append(now)
        if now < self.turned_away_until:
            self.names["early"] += 1
        return now

    def most_in_a_window(self):
        most = begin = 0
        for end, at in enumerate(self.arrivals):
            while at - self.arrivals[begin] >= self.window:
                begin += 1
            most = max(most, end + 1 - begin)
        return most

    def share_used(self):
        """Of what the limit admits. Requests come in bursts: what came within the last half window is the last burst, which
        ends the time and is not counted."""
        if not self.arrivals:
            return 0.0
        last = self.arrivals[-1]
        ends = next(at for at in self.arrivals if at > last - self.window / 2)
        counted = sum(1 for at in self.arrivals if at < ends)
        time_taken = ends - self.arrivals[0]
        return counted / (self.limit * time_taken / self.window) if time_taken > 0 and self.limit else 0.0

    def slack(self):
        """Seconds by which a request beyond the limit came later than it had to; below 0 it came too early."""
        later = zip(self.arrivals, self.arrivals[self.limit:]) if self.limit else ()
        return min((b - a - self.window for a, b in later), default=0)

    def report(self):
        return {
            "requests": len(self.arrivals),
            "limit": self.limit,
            "window": self.window,
            "mostInAWindow": self.most_in_a_window(),
            "slackMs": round(self.slack() * 1000, 1),
            "shareUsed": round(self.share_used(), 4),
            "seconds": round(self.arrivals[-1] - self.arrivals[0], 3) if self.arrivals else 0,
            "imagesARequest": {str(n): c for n, c in sorted(self.images_a_request.items())},
            "imagesAnswered": sum(self.images.values()),
            "imagesAnsweredTwice": sum(1 for c in self.images.values() if c > 1),
            "mostBytes": self.most_bytes,
            "open": self.open,
            "closedWhileHanging": len(self.closed_while_hanging),
            "lastClosedWhileHanging": max(self.closed_while_hanging, default=0),
            **{
                name: self.names[name]
                for name in (
                    "connections", "tlsConnections", "early", "throttled", "dates", "unavailable", "failed", "dropped",
                    "hung", "wrongKey", "tooLarge", "malformed"
                )
            },
        }


class StandIn:
    def __init__(self, options):
        self.options = options
        self.counts = Counts(options.limit, options.window)
        self.random = random.Random(options.seed)
        self.fates = []
        self.known = weakref.WeakSet()  # connections that have sent a request
        self.dates = False  # in which form the next Retry-After is

    # ---- HTTP -------------------------------------------------------------------------------------------------------

    async def serve(self, reader, writer):
        self.counts.open += 1
        try:
            while await self.one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self.counts.open -= 1
            writer.transport.abort()

    async def one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        if method == "GET" and target == "/counts":
            return await self.answer(writer, 200, self.counts.report())
        if method != "POST" or not target.endswith("/v1/images:annotate"):
            return await self.answer(writer, 404, self.error(404, "NOT_FOUND", "no such path"))
        if writer not in self.known:  # whoever asks for counts is none of them
            self.known.add(writer)
            self.counts.names["connections"] += 1
            self.counts.names["tlsConnections"] += writer.get_extra_info("ssl_object") is not None
        self.counts.arrive()
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        self.counts.most_bytes = max(self.counts.most_bytes, len(body))
        return await self.annotate(reader, writer, fields, body)

    async def answer(self, writer, status, body, fields=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Content-Type: application/json"]
        head += [f"Date: {email.utils.formatdate(time.time(), usegmt=True)}", *fields]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + data)
        await writer.drain()
        return True

    @staticmethod
    def error(code, status, message):
        return {"error": {"code": code, "status": status, "message": message}}

    # ---- the service ------------------------------------------------------------------------------------------------

    async def annotate(self, reader, writer, fields, body):
        counts, options = self.counts, self.options
        now = counts.arrivals[-1]
        if fields.get("x-goog-api-key") != KEY:
            counts.names["wrongKey"] += 1
            return await self.answer(writer, 403, self.error(403, "PERMISSION_DENIED", "API key not valid."))
        while counts.admitted and now - counts.admitted[0] >= counts.window:
            counts.admitted.popleft()
        if options.limit and len(counts.admitted) >= options.limit:
            wait = counts.admitted[0] + counts.window - now
            return await self.turn_away(writer, 429, wait, "throttled")
        counts.admitted.append(now)
        if options.unavailable_every and len(counts.arrivals) % options.unavailable_every == 0:
            return await self.turn_away(writer, 503, options.unavailable_for, "unavailable")
        if len(body) > MOST_BYTES:
            counts.names["tooLarge"] += 1
            return await self.answer(writer, 400, self.error(400, "INVALID_ARGUMENT", "Request payload size exceeds the limit"))
        try:
            requests = json.loads(body)["requests"]
            images = [self.image_of(request) for request in requests]
        except (ValueError, KeyError, TypeError) as fault:
            counts.names["malformed"] += 1
            return await self.answer(writer, 400, self.error(400, "INVALID_ARGUMENT", f"malformed: {fault}"))
        if not 1 <= len(images) <= MOST_IMAGES:
            counts.names["malformed"] += 1
            return await self.answer(writer, 400, self.error(400, "INVALID_ARGUMENT", "too many images"))
        counts.images_a_request[len(images)] += 1

        if any("hang" in name for name, _ in images):
            return await self.hang(reader, writer)
        fate = self.next_fate()
        delay = options.delay_ms / 1000 * (1 + self.random.uniform(-0.5, 0.5))
        if fate == "hang":
            return await self.hang(reader, writer)
        await asyncio.sleep(delay)
        if fate == "drop":
            counts.names["dropped"] += 1
            writer.transport.abort()
            return False
        if fate == "error":
            counts.names["failed"] += 1
            return await self.fail(writer)
        # One of them spoils the request, and the service does not say which.
        if any("poison" in name for name, _ in images):
            return await self.answer(writer, 400, self.error(400, "INVALID_ARGUMENT", "Bad image data."))
        for _, what in images:
            counts.images[what] += 1
        return await self.answer(writer, 200, {"responses": [self.response_of(*image) for image in images]})

    def next_fate(self):
        """Of each hundred requests exactly the given shares, in an order that the seed gives."""
        if not self.fates:
            hundred = []
            for name, share in (("hang", self.options.hangs), ("drop", self.options.drops), ("error", self.options.errors)):
                hundred += [name] * round(share * 100)
            self.fates = hundred + ["good"] * (100 - len(hundred))
            self.random.shuffle(self.fates)
        return self.fates.pop()

    async def turn_away(self, writer, status, wait, name):
        """In both forms by turns; either is in whole seconds, so the wait is longer than it need be, never shorter."""
        self.counts.names[name] += 1
        if self.dates:
            until = math.ceil(time.time() + wait)
            value, seconds = email.utils.formatdate(until, usegmt=True), until - time.time()
            self.counts.names["dates"] += 1
        else:
            seconds = math.ceil(wait)
            value = str(seconds)
        self.dates = not self.dates
        await self.answer(writer, status, self.error(status, "RESOURCE_EXHAUSTED", "Quota exceeded"), [f"Retry-After: {value}"])
        # What was on its way when this was said comes too early through no fault of the client's.
        self.leave_alone(seconds)
        return True

    def leave_alone(self, seconds):
        until = time.monotonic() + seconds

        def from_now_on():
            self.counts.turned_away_until = max(self.counts.turned_away_until, until)

        asyncio.get_running_loop().call_later(self.options.grace_ms / 1000, from_now_on)

    async def hang(self, reader, writer):
        self.counts.names["hung"] += 1
        await reader.read(1)  # nothing comes but the end
        self.counts.closed_while_hanging.append(time.time())
        return False

    async def fail(self, writer):
        kind = self.random.randrange(4)
        if kind == 0:
            return await self.answer(writer, 500, self.error(500, "INTERNAL", "Internal error encountered."))
        if kind == 1:
            return await self.answer(writer, 502, b"<html>Bad Gateway</html>")
        if kind == 2:
            return await self.answer(writer, 200, b'{"responses": [{"labelAnnotations": [')
        return await self.answer(writer, 200, {"responses": []})

    @staticmethod
    def image_of(request):
        if not request["features"]:
            raise ValueError("no features")
        image = request["image"]
        if "content" in image:
            data = base64.b64decode(image["content"], validate=True)
            if not data:
                raise ValueError("an empty image")
            return data[:64].decode("latin-1"), f"{hash(data)}:{len(data)}"
        uri = image["source"]["imageUri"]
        return uri, uri

    def response_of(self, name, what):
        if "no-picture" in name:
            return {"error": {"code": 3, "message": "Bad image data."}}
        if "flaky" in name and self.counts.images[what] == 1:
            return {"error": {"code": 14, "message": "The service is currently unavailable."}}
        size = what.rpartition(":")[2]
        return {
            "labelAnnotations": [
                {"mid": "/m/01", "description": "picture", "score": 0.875, "topicality": 0.5},
                {"description": f"{size} bytes" if size.isdigit() else what, "score": 0.5},
            ],
            "textAnnotations": [{"locale": "en", "description": "WAITING?\nPLEASE"}, {"description": "WAITING"}],
        }


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="requests in any window; 0: no limit")
    parser.add_argument("--window", type=float, default=60, help="seconds")
    parser.add_argument("--delay-ms", type=float, default=0, help="of an answer, half of it more or less")
    parser.add_argument("--errors", type=float, default=0, help="share of the requests, in whole hundredths")
    parser.add_argument("--drops", type=float, default=0)
    parser.add_argument("--hangs", type=float, default=0)
    parser.add_argument("--unavailable-every", type=int, default=0, help="each so many-th request gets 503")
    parser.add_argument("--unavailable-for", type=float, default=2, help="seconds")
    parser.add_argument("--grace-ms", type=float, default=100, help="what comes so soon after a Retry-After was on its way")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--certificate", help="file of a certificate and its key: HTTPS")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
    stand_in = StandIn(options)
    server = await asyncio.start_server(
        stand_in.serve, "127.0.0.1", 0, ssl=context, limit=1 << 22, backlog=1024
    )
    port = server.sockets[0].getsockname()[1]
    print(f"ready at {'https' if context else 'http'}://127.0.0.1:{port}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
