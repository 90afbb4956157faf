#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that serves one OCI layout (distribution-spec, pulls only), with tokens, and with faults by the name
of the repository: corrupt, short, long, slow (half of it while there is /run/registry-waits), moved (another manifest than the digest asked for). "open" and the
faulty ones ask for nothing; "token" wants a bearer token, which /token gives to user:secret.
Usage: registry.py PORT LAYOUT"""
import base64
import http.server
import json
import os
import sys
import time

PORT, LAYOUT = int(sys.argv[1]), sys.argv[2]
TOKEN = "a-token-that-was-given"


def blob(digest):
    with open(os.path.join(LAYOUT, "blobs/sha256", digest.removeprefix("sha256:")), "rb") as file:
        return file.read()


def manifest_digest(reference):
    if reference.startswith("sha256:"):
        return reference
    with open(os.path.join(LAYOUT, "index.json"), encoding="utf-8") as file:
        entries = json.load(file)["manifests"]
    for entry in entries:
        if entry["annotations"]["org.opencontainers.image.ref.name"] == reference:
            return entry["digest"]
    raise FileNotFoundError(reference)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        print(self.path, args[1], flush=True)

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, **headers):
        body = json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode()
        self.answer(status, body, Content_Type="application/json", **headers)

    def token(self):
        wanted = "Basic " + base64.b64encode(b"user:secret").decode()
        if self.headers.get("Authorization") != wanted:
            return self.refuse(401, "UNAUTHORIZED")
        return self.answer(200, json.dumps({"token": TOKEN}).encode(), Content_Type="application/json")

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/token":
            return self.token()
        needs_token = path.startswith("/v2/token/") or path == "/v2/"
        if needs_token and self.headers.get("Authorization") != "Bearer " + TOKEN:
            realm = f'Bearer realm="http://127.0.0.1:{PORT}/token",service="test"'
            if path != "/v2/" or os.path.exists("/run/registry-asks"):
                return self.refuse(401, "UNAUTHORIZED", WWW_Authenticate=realm)
        if path == "/v2/":
            return self.answer(200, b"{}")
        _, _, repository, _, kind, reference = path.split("/", 5)
        try:
            return self.manifest(repository, reference) if kind == "manifests" else self.blob(repository, reference)
        except FileNotFoundError:
            return self.refuse(404, "MANIFEST_UNKNOWN")

    do_HEAD = do_GET

    def manifest(self, repository, reference):
        digest = manifest_digest(reference)
        body = blob(digest)
        if repository == "moved":
            body += b"\n"
        kind = json.loads(body).get("mediaType", "application/vnd.oci.image.manifest.v1+json")
        self.answer(200, body, Content_Type=kind, Docker_Content_Digest=digest)

    def blob(self, repository, digest):
        body = blob(digest)
        layer = len(body) > 4096
        if layer and repository == "corrupt":
            body = body[:2000] + bytes([body[2000] ^ 1]) + body[2001:]
        if layer and repository == "long":
            body += b"more"
        if layer and repository == "short":
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        if layer and repository == "slow":
            return self.in_halves(body)
        self.answer(200, body, Content_Type="application/octet-stream")

    def in_halves(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        while os.path.exists("/run/registry-waits"):
            time.sleep(0.05)
        self.wfile.write(body[len(body) // 2 :])


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
