"""The real yaml-language-server takes the schemas: it marks mistakes where they stand and completes with titles.

It is a program of Node: `npm install --no-save yaml-language-server` in any folder, whose path is then given in
QBANK_YAML_LANGUAGE_SERVER. Without it these tests are skipped, by name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qbank.workflow.schema import bank_schemas, write_schemas
from tests.files.sound import ITEMS, write_bank

SERVER = Path(os.environ.get("QBANK_YAML_LANGUAGE_SERVER", "")) / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not SERVER.is_file(), reason="node or yaml-language-server is not here (QBANK_YAML_LANGUAGE_SERVER)"
)
PATIENCE = 120.0


class Server:
    """A language server on the other end of a pipe."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.messages: list[dict[str, Any]] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.settings: dict[str, Any] = {}
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {
            "workspace": {"configuration": True}, "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}}}})
        self.tell("initialized", {})

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while head := stream.readline():
            length = int(head.split(b":")[1])
            while stream.readline().strip():
                pass
            body = stream.read(length)
            if len(body) < length:
                return  # the server was ended
            message = json.loads(body)
            if message.get("method") == "workspace/configuration":
                asked = [entry.get("section") for entry in message["params"]["items"]]
                self._send({"id": message["id"], "result": [self.settings.get(section) for section in asked]})
            elif "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
            else:
                self.messages.append(message)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        number = 1000 + len(self.messages) + int(time.monotonic() * 1000) % 100_000
        self._send({"id": number, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == number)["result"]

    def wait(self, wanted: Any) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for message in list(self.messages):
                if wanted(message):
                    self.messages.remove(message)
                    return message
            time.sleep(0.02)
        raise AssertionError("no answer")

    def open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def diagnostics(self, uri: str) -> list[tuple[int, int, str]]:
        """Return (line, column, message) from 1, as qbank counts."""
        found = self.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri)
        return sorted(
            (entry["range"]["start"]["line"] + 1, entry["range"]["start"]["character"] + 1, entry["message"])
            for entry in found["params"]["diagnostics"]
        )


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_bank(tmp_path / "bank")
    schemas, _ = bank_schemas(tmp_path / "bank", tmp_path)
    assert schemas is not None
    write_schemas(schemas, tmp_path)
    return tmp_path / "bank"


@pytest.fixture
def server(bank: Path) -> Iterator[Server]:
    started = Server(bank.parent)
    yield started
    started.process.kill()
    started.process.wait()
    for stream in (started.process.stdin, started.process.stdout):
        if stream is not None:
            stream.close()


def with_modeline(text: str) -> str:
    return "# yaml-language-server: $schema=../../.qbank/schemas/tiny-items.json\n" + text


def test_a_sound_file_has_no_marks(server: Server, bank: Path) -> None:
    assert server.diagnostics(server.open(bank / "items" / "a.yaml", with_modeline(ITEMS))) == []


def test_mistakes_are_marked_where_they_stand(server: Server, bank: Path) -> None:
    text = ITEMS.replace("competency: A-002", "competency: A-02").replace("grade: 2", "grade: 9").replace("pin: [C]", "pins: [C]")
    text = text.replace("    key: true\n", "")
    found = server.diagnostics(server.open(bank / "items" / "a.yaml", with_modeline(text)))
    lines = {line for line, _, _ in found}
    assert len(found) >= 4, found
    for words in ("grade: 9", "competency: A-02", "pins:", "- id: Q-2"):
        wanted = 2 + text[: text.index(words)].count("\n")
        assert wanted in lines or wanted + 1 in lines, (words, found)


def test_codes_are_completed_with_their_titles(server: Server, bank: Path) -> None:
    text = with_modeline("items:\n  - id: Q-9\n    competency: \n")
    uri = server.open(bank / "items" / "a.yaml", text)
    found = server.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 16}})
    offered = {item["label"]: json.dumps(item.get("documentation", ""), ensure_ascii=False) for item in found["items"]}
    assert set(offered) >= {"A-001", "A-002", "B-A-001", "B-A-002"}
    assert "枪位" in offered["B-A-001"]


def test_keys_of_the_kind_are_offered(server: Server, bank: Path) -> None:
    text = with_modeline("items:\n  - id: Q-9\n    kind: numeric\n    \n")
    uri = server.open(bank / "items" / "a.yaml", text)
    found = server.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 4}})
    offered = {item["label"] for item in found["items"]}
    assert {"key", "stem", "grade", "seconds"} <= offered
    assert not offered & {"options", "parts", "rubric"}
