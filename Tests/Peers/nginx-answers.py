"""What the tool makes of nginx; started by nginx-answers.sh, in whose folder it works."""

import collections
import json
import os
import subprocess
import sys
import time

from peer import Project, check, stop, verdict, wait_for

folder = sys.argv[1]
port = 11000 + os.getpid() % 2000


def answer(text):
    return json.dumps(
        {
            "id": "chatcmpl-nginx",
            "object": "chat.completion",
            "created": 1,
            "model": "fixed",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
    )


os.makedirs(f"{folder}/static")
for name, text in [("fixed", "The answer is 7."), ("large", "The answer is 7. " + "x" * 5_000_000)]:
    with open(f"{folder}/static/{name}.json", "w") as file:
        file.write(answer(text))

# nginx has no file for a POST; the error page that it answers with instead is one.
locations = {
    "fixed": f"return 200 '{answer('The answer is 7.')}';",
    "large": "error_page 404 =200 /large.json;",
    "html": "default_type text/html; return 200 '<html><body>Welcome to nginx!</body></html>';",
    "empty": "return 200 '';",
    "bad-gateway": "proxy_pass http://127.0.0.1:1;",
    "moved": "return 301 http://127.0.0.1:1/elsewhere;",
    "missing": "return 404;",
    "forbidden": "return 403;",
    "too-large": "client_max_body_size 10; proxy_pass http://127.0.0.1:1;",
    "busy": "add_header Retry-After 7200 always; return 429 '{\"error\":{\"message\":\"slow\"}}';",
    "limited": "limit_req zone=few burst=3 nodelay; limit_req_status 429;"
    " error_page 404 =200 /fixed.json;",
    "gone": "return 444;",
}
with open(f"{folder}/nginx.conf", "w") as file:
    # The folder is private, so the workers must be who made it.
    file.write("user root;" if os.geteuid() == 0 else "")
    file.write(f"""
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type application/json;
  log_format plain '$request_uri $status';
  access_log {folder}/access.log plain;
  gzip on;
  gzip_types application/json;
  gzip_min_length 1;
  limit_req_zone $server_port zone=few:1m rate=5r/s;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/static;
""")
    for name, lines in locations.items():
        file.write(f"    location = /{name}/chat/completions {{ {lines} }}\n")
    file.write("  }\n}\n")

server = subprocess.Popen(
    ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"],
    stdout=subprocess.DEVNULL,
    stderr=open(f"{folder}/stderr", "w"),
)


def answered(name):
    """How often nginx says it answered a location with each status."""
    time.sleep(0.1)
    lines = [line.split() for line in open(f"{folder}/access.log")]
    return collections.Counter(status for uri, status in lines if f"/{name}/" in uri)


def run(name, rows=4, **more):
    project = Project(f"{folder}/{name}-project", rows)
    project.write(f"http://127.0.0.1:{port}/{name}", "fixed", **more)
    result = project.run("run", "w.yaml", "--json")
    return project, result


try:
    wait_for(f"http://127.0.0.1:{port}/", server)

    project, result = run("fixed", 2000, concurrency=64, fields="price: {input: 1, output: 2}")
    check("2,000 rows are answered", result.status == 0 and result.calls("made") == 2000, result)
    check("by 2,000 requests", answered("fixed") == {"200": 2000}, answered("fixed"))
    cost = 2000 * (10 * 1 + 5 * 2) / 1_000_000
    check("their cost is exact", abs(result.summary["cost_usd"] - cost) < 1e-12, result)

    project, result = run("html")
    check("HTML with status 200 is no answer", project.recorded() == 0, result)
    check("it fails the run", result.status == 1, result)
    check("and is in doubt", result.calls("in_doubt") == 4, result)
    check("after one resend of each", answered("html") == {"200": 8}, answered("html"))

    project, result = run("empty")
    check("an empty body is no answer", project.recorded() == 0 and result.status == 1, result)

    project, result = run("bad-gateway")
    check("502 with HTML is in doubt", result.calls("in_doubt") == 4, result)
    check("after one resend of each", answered("bad-gateway") == {"502": 8}, answered("bad-gateway"))
    check("the page is not shown as it is", "<html>" not in result.error, result)

    for name, status in [("moved", "301"), ("missing", "404"), ("forbidden", "403")]:
        project, result = run(name, concurrency=1)
        check(f"{status} stops the run", result.status == 1, result)
        check("at the first request", answered(name) == {status: 1}, answered(name))

    project, result = run("too-large")
    check("413 is each row's own outcome", project.outcomes() == {"rejected": 4}, result)
    check("and is not asked again", answered("too-large") == {"413": 4}, answered("too-large"))

    project, result = run("busy", concurrency=1)
    check("two hours of Retry-After pause the run", result.status == 4, result)
    check("after one request", answered("busy") == {"429": 1}, answered("busy"))

    project, result = run("limited", 20, concurrency=8)
    counts = answered("limited")
    check("a limit of requests is waited for", result.status == 0, result)
    check("every row has its answer", project.recorded() == 20, project.outcomes())
    check("each refusal is an attempt", project.outcomes()["declined"] == counts["429"], counts)

    project, result = run("gone", concurrency=1)
    check("a connection closed without a word is in doubt", result.calls("in_doubt") > 0, result)

    project, result = run("large", 3)
    check("an answer of 5 MB is kept", result.status == 0 and project.recorded() == 3, result)
finally:
    stop(server)
verdict()
