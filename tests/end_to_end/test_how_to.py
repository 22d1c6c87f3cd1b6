"""The examples of the how-tos and of the page on seeds, run from their texts as their readers would."""

import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pocketbus.apis.seeds.sections import SECTIONS
from pocketbus.start.reading import read_seed
from pocketbus.start.scripts import PROGRAMS
from tests.children import start as start_child
from tests.test_container import COMPOSE, SERVICE

DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 120

# Stands for the library: a container is the image's command, without a container.
TESTCONTAINERS = """
import sys
from subprocess import PIPE, Popen

class DockerContainer:
    def __init__(self, image):
        assert image == "pocketbus"

    def with_exposed_ports(self, port):
        assert port == 4566
        return self

    def __enter__(self):
        command = [sys.executable, "-m", "pocketbus", "--port", "0"]
        self.process = Popen(command, stdout=PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get_container_host_ip(self):
        return "127.0.0.1"

    def get_exposed_port(self, port):
        return self.port

def wait_for_logs(container, text):
    for line in container.process.stdout:
        if "Listening" in line:
            container.port = line.split()[2].rstrip(",").rpartition(":")[2]
        if text in line:
            return
"""
NODE_TESTCONTAINERS = """
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export const Wait = { forLogMessage: (text) => text };

export class GenericContainer {
  constructor(image) { this.image = image; }
  withExposedPorts(port) { this.exposed = port; return this; }
  withWaitStrategy(text) { this.text = text; return this; }
  async start() {
    this.process = spawn(process.env.PYTHON, ["-m", "pocketbus", "--port", "0"]);
    for await (const line of createInterface({ input: this.process.stdout })) {
      if (line.startsWith("Listening")) this.port = line.split(",")[0].split(":").at(-1);
      if (line.includes(this.text)) return this;
    }
  }
  getHost() { return "127.0.0.1"; }
  getMappedPort() { return this.port; }
  async stop() { this.process.kill(); }
}
"""
JAVA_PARSER = """
import com.sun.source.util.JavacTask;
import java.nio.file.Path;
import javax.tools.*;

class Parse {
    public static void main(String[] files) throws Exception {
        var found = new DiagnosticCollector<JavaFileObject>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var manager = compiler.getStandardFileManager(found, null, null);
        var units = manager.getJavaFileObjects(Path.of(files[0]));
        ((JavacTask) compiler.getTask(null, manager, found, null, null, units)).parse();
        found.getDiagnostics().forEach(System.out::println);
    }
}
"""


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [match[2] for match in FENCE.finditer(text) if match[1] == language]


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def environment(**variables: str) -> dict[str, str]:
    path = f"{PROGRAMS}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    clients = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    return {"PATH": path, "HOME": "/nonexistent", "PYTHON": sys.executable} | clients | variables


def run(command: list[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start the command with a root of the test's own, and return its URL."""
    processes = []

    def start(*arguments: str, **variables: str) -> str:
        command = [sys.executable, "-m", "pocketbus", "--port", "0", "--root", str(tmp_path), *arguments]
        process = start_child(command, env=environment(**variables), stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        where = process.stdout.readline()
        assert process.stdout.readline() == "Ready.\n"
        return str(where.split()[2].rstrip(","))

    yield start
    for process in processes:
        process.terminate()
        process.communicate(timeout=SECONDS)


def queues(url: str, folder: Path) -> list[str]:
    listed = run(["curl", "-s", f"{url}/_pocketbus/queues"], folder)
    return sorted(re.findall(r'"name": "([^"]+)"', listed))


def compose(page: str) -> Any:
    """Read the page's compose file and check its shape."""
    known: Any = SERVICE
    whole: Any = COMPOSE
    services: Any = {
        **known["properties"],
        "read_only": {"type": "boolean"},
        "depends_on": {"type": "object"},
    }
    schema = {**whole, "properties": {**whole["properties"], "services": {"type": "object"}}}
    file = yaml.safe_load(blocks(page, "yaml")[0])
    jsonschema.validate(file, schema)
    for service in file["services"].values():
        jsonschema.validate(service, {**known, "properties": services})
    return file["services"]


@pytest.mark.parametrize(("language", "suffix"), [("toml", ".toml"), ("json", ".json"), ("yaml", ".yaml")])
def test_the_seeds_of_their_page_are_seeds(tmp_path: Path, language: str, suffix: str) -> None:
    (text,) = blocks("SEEDS.md", language)

    assert read_seed(put(tmp_path / f"seed{suffix}", text)).entries


def test_the_page_on_seeds_has_every_section() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| (.*) \|$", (DOCS / "SEEDS.md").read_text("utf-8"), re.MULTILINE
    )

    assert [(name, making) for name, making, _ in rows] == [
        (one.name, one.making) for one in SECTIONS.values()
    ]
    for name, _, parameters in rows:
        assert set(re.findall(r"`(\w+)`", parameters)) <= set(SECTIONS[name].members)


def test_the_commands_of_the_page_on_seeds_run(start: Callable[..., str], tmp_path: Path) -> None:
    serve, script, reset, export = blocks("SEEDS.md", "sh")
    seed = put(tmp_path / "orders.toml", blocks("SEEDS.md", "toml")[0])
    assert serve == "pocketbus --init orders.toml\n"
    url = start("--init", str(seed))

    run(["sh", "-ec", script], tmp_path, POCKETBUS_URL=url, AWS_ENDPOINT_URL=url)
    assert "from-a-script" in queues(url, tmp_path)
    assert (
        run(["sh", "-ec", reset.replace("http://localhost:4566", url)], tmp_path)
        == blocks("SEEDS.md", "text")[0].strip()
    )
    run(["sh", "-ec", export.replace("http://localhost:4566", url)], tmp_path)
    assert {entry.section for entry in read_seed(tmp_path / "resources.toml").entries} == {
        entry.section for entry in read_seed(seed).entries
    }


def test_localstacks_compose_file_starts_but_for_its_image(start: Callable[..., str], tmp_path: Path) -> None:
    service = compose("how-to/localstack.md")["localstack"]
    (script,) = blocks("how-to/localstack.md", "bash")
    where = service["volumes"][0].partition(":")[2]
    # The container's port is another one here.
    script = script.replace("http://localhost:4566", "$AWS_ENDPOINT_URL")
    put(tmp_path / where.lstrip("/"), script)
    variables = dict(one.split("=", 1) for one in service["environment"])
    url = start(**variables)

    assert queues(url, tmp_path) == ["by-endpoint", "orders"]
    check = [word.replace("http://localhost:4566", url) for word in service["healthcheck"]["test"][1:]]
    assert '"sqs":"running"' in run(check, tmp_path)


def test_elasticmqs_compose_file_starts_but_for_its_image(start: Callable[..., str], tmp_path: Path) -> None:
    service = compose("how-to/elasticmq.md")["elasticmq"]
    (text,) = blocks("how-to/elasticmq.md", "hocon")
    put(tmp_path / service["volumes"][0].split(":")[1].lstrip("/"), text)

    assert queues(start(), tmp_path) == ["orders", "orders-dlq"]


def test_the_seeds_of_a_compose_stack_are_there_when_it_is_ready(
    start: Callable[..., str], tmp_path: Path
) -> None:
    service = compose("how-to/compose.md")["pocketbus"]
    (text,) = blocks("how-to/compose.md", "toml")
    name = text.splitlines()[0].removeprefix("# seeds/")
    put(tmp_path / service["volumes"][0].split(":")[1].lstrip("/") / name, text)

    assert queues(start(), tmp_path) == ["orders"]


def test_the_steps_of_github_actions_run(start: Callable[..., str], tmp_path: Path) -> None:
    job = yaml.safe_load(blocks("how-to/ci.md", "yaml")[0])
    url = start()
    assert job["jobs"]["test"]["services"]["pocketbus"]["ports"] == ["4566:4566"]
    for step in job["jobs"]["test"]["steps"]:
        run(["sh", "-ec", step["run"].replace("http://localhost:4566", url)], tmp_path)
    assert queues(url, tmp_path) == ["orders"]


def test_the_step_of_github_actions_that_begins_with_a_seed_runs(tmp_path: Path) -> None:
    step = yaml.safe_load(blocks("how-to/ci.md", "yaml")[1])["steps"][0]["run"]
    put(tmp_path / "seeds.toml", '[[queues]]\nQueueName = "seeded"\n')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    look = f"curl --fail --silent http://localhost:{port}/_pocketbus/queues; kill $!"

    assert '"name": "seeded"' in run(
        ["sh", "-ec", f"{step.replace('4566', port)}\n{look}"], tmp_path, POCKETBUS_PORT=port
    )


def test_the_script_of_gitlab_runs(start: Callable[..., str], tmp_path: Path) -> None:
    job = yaml.safe_load(blocks("how-to/ci.md", "yaml")[2])["test"]
    url = start()
    for line in job["script"]:
        run(["sh", "-ec", line.replace("http://pocketbus:4566", url)], tmp_path, **job["variables"])

    assert queues(url, tmp_path) == ["orders"]


def test_the_python_example_of_testcontainers_runs(tmp_path: Path) -> None:
    put(tmp_path / "testcontainers" / "core" / "container.py", TESTCONTAINERS)
    put(tmp_path / "testcontainers" / "core" / "waiting_utils.py", "from .container import wait_for_logs")
    (text,) = blocks("how-to/testcontainers.md", "python")

    run([sys.executable, "-c", text], tmp_path, PYTHONPATH=str(tmp_path))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_node_example_of_testcontainers_runs(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "testcontainers"
    put(package / "index.mjs", NODE_TESTCONTAINERS)
    put(package / "package.json", '{"name": "testcontainers", "main": "index.mjs"}')
    (text,) = blocks("how-to/testcontainers.md", "js")

    assert run(["node", str(put(tmp_path / "example.mjs", text))], tmp_path) == "200\n"


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")
def test_the_java_example_of_testcontainers_is_java(tmp_path: Path) -> None:
    (text,) = blocks("how-to/testcontainers.md", "java")
    parser, example = put(tmp_path / "Parse.java", JAVA_PARSER), put(tmp_path / "OrdersTest.java", text)

    assert run(["java", str(parser), str(example)], tmp_path) == ""


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="Go is not installed")
def test_the_go_example_of_testcontainers_is_go(tmp_path: Path) -> None:
    (text,) = blocks("how-to/testcontainers.md", "go")

    assert run(["gofmt", "-l", str(put(tmp_path / "orders_test.go", text))], tmp_path) == ""


def test_testcontainers_localstack_module_starts_the_image_by_its_entry_point(
    tmp_path: Path,
) -> None:
    script = textwrap.dedent(
        f"""\
        #!/bin/bash
        export LOCALSTACK_HOST=localhost
        {PROGRAMS}/docker-entrypoint.sh
        """
    )
    path = put(tmp_path / "testcontainers_start.sh", script)
    path.chmod(0o755)
    with start_child(
        [str(path)],
        env=environment(POCKETBUS_PORT="0", POCKETBUS_DATA=str(tmp_path / "data")),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Listening on ")
        assert process.stdout.readline() == "Ready.\n"
        os.killpg(process.pid, 15)


@pytest.mark.parametrize("page", sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")))
def test_every_link_between_the_pages_leads_somewhere(page: str) -> None:
    path = DOCS / page
    links = re.findall(r"\]\(((?!http)[^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}

    assert {page for page in pages if f"({page})" not in index} == set()
