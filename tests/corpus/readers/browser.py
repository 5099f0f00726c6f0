"""Chromium's EventSource as a reader of the corpus, over HTTP on loopback: browser.py [CHROMIUM]"""

import json
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

HERE = Path(__file__).parent
# main() gives the page a request of the corpus, and gets an answer from it.
requests, answers = Queue(), Queue()


class Handler(BaseHTTPRequestHandler):
    """Serves the page, and then one stream after the other to it."""

    disable_nagle_algorithm = True
    chunks = []

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/stream":
            self.head("text/event-stream")
            for chunk in Handler.chunks:
                self.wfile.write(bytes.fromhex(chunk))
        elif path == "/types":
            request = requests.get()
            Handler.chunks = request["chunks"]
            self.head("application/json")
            self.wfile.write(json.dumps(request["types"]).encode())
        elif path == "/read.mjs":
            self.head("text/javascript")
            self.wfile.write((HERE / "read.mjs").read_bytes())
        else:
            self.head("text/html")
            self.wfile.write((HERE / "browser.html").read_bytes())

    def do_POST(self):
        answers.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.head("text/plain")

    def head(self, media_type):
        """Without a length: the end of the connection is the end of the body."""
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [
                (sys.argv + ["chromium"])[1],
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                f"--user-data-dir={profile}",
                f"http://127.0.0.1:{server.server_port}/",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            for line in sys.stdin:
                requests.put(json.loads(line))
                print(answers.get(timeout=60), flush=True)
        finally:
            browser.kill()
            browser.wait()


main()
