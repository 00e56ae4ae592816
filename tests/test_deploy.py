"""The files in ``deploy/``, which nothing here can run: their YAML, and the options they use."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "deploy" / "docker-compose.yml").read_text("utf-8"))["services"]
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))


def test_options_are_those_of_the_app():
    source = (ROOT / "app.py").read_text("utf-8")
    (deployment,) = (one for one in KUBERNETES if one["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    used = f"{COMPOSE['app']['command']} {' '.join(container['args'])} {dockerfile}"
    for option in {"--collection", "--index"} | set(re.findall(r'"(--\w+)"', dockerfile)):
        assert option in used and f'"{option}"' in source, option


def test_the_index_is_made_by_the_command_that_there_is():
    (job,) = (one for one in KUBERNETES if one["kind"] == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    composed = [*COMPOSE["index"]["entrypoint"], *COMPOSE["index"]["command"].split()]
    assert container["command"] == composed
    assert composed[:3] == ["python", "-m", "hicalm"]
    shown = subprocess.run(
        [sys.executable, *composed[1:4], "--help"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    assert "--to" in shown and "--vectors" in shown


def test_nothing_is_published_but_the_proxy_on_the_loopback():
    published = {name: one["ports"] for name, one in COMPOSE.items() if "ports" in one}
    assert published == {"proxy": ["127.0.0.1:8080:80"]}


def test_what_containers_say_is_bounded():
    served = [one for name, one in COMPOSE.items() if name != "index"]  # which ends
    assert all(one["logging"]["options"]["max-size"] == "10m" for one in served)


def test_proxies_say_who_asks_and_believe_no_visitor():
    guide = (ROOT / "docs" / "operate-it.md").read_text("utf-8")
    for proxy in ((ROOT / "deploy" / "nginx.conf").read_text("utf-8"), guide):
        assert proxy.count("proxy_set_header X-Forwarded-For $remote_addr;") == 1
