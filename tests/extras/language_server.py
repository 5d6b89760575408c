"""yaml-language-server, which most editors ask about YAML files, as an editor talks to it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parents[2] / "build" / "editor" / "node_modules" / "yaml-language-server"
CURSOR = "|>"


def reason_to_skip() -> str | None:
    """Why there is no server here; None where there is one."""
    if shutil.which("node") is None:
        return "there is no Node.js here"
    return None if SERVER.is_dir() else "yaml-language-server is installed by make test-editor"


class LanguageServer:
    """A server for files that it checks with one schema.

    Args:
        schema: The schema's file, for all files that name no other.
    """

    def __init__(self, schema: Path) -> None:
        self._process = subprocess.Popen(
            ["node", SERVER / "bin" / "yaml-language-server", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._requests = self._files = 0
        self._diagnostics: dict[str, list[Any]] = {}
        self._settings = {"schemas": {schema.as_uri(): ["*.yaml"]}, "schemaStore": {"enable": False}}
        snippets = {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}}
        about = {"textDocument": {"completion": snippets}, "workspace": {"configuration": True}}
        self.request("initialize", processId=None, rootUri=None, capabilities=about)
        self._send(method="initialized", params={})
        self._send(method="workspace/didChangeConfiguration", params={"settings": {"yaml": self._settings}})
        while self._read().get("method") != "workspace/configuration":
            pass  # what is asked before the server has its settings is answered without a schema

    def complete(self, text: str) -> list[dict[str, Any]]:
        """What it proposes at the cursor in `text`."""
        found = self.request("textDocument/completion", **self._place(text))
        return list(found["items"])

    def hover(self, text: str) -> str:
        """What it shows of what is at the cursor in `text`."""
        found = self.request("textDocument/hover", **self._place(text))
        return str(found["contents"]["value"]) if found else ""

    def diagnose(self, text: str) -> list[dict[str, Any]]:
        """What it finds wrong with `text`."""
        file = self._open(text)
        while file not in self._diagnostics:
            self._read()
        return self._diagnostics[file]

    def fixes(self, text: str) -> list[str]:
        """What it offers to write in place of the first thing that is wrong with `text`."""
        first, *_ = self.diagnose(text)
        file = {"uri": f"file:///{self._files}.yaml"}
        context = {"diagnostics": [first]}
        found = self.request("textDocument/codeAction", textDocument=file, range=first["range"], context=context)
        return [each["title"] for each in found if each.get("kind") == "quickfix"]

    def request(self, method: str, **params: Any) -> Any:
        """Its answer."""
        self._requests += 1
        number = self._requests
        self._send(id=number, method=method, params=params)
        while (answer := self._read()).get("id") != number or "method" in answer:
            pass
        return answer["result"]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _place(self, text: str) -> dict[str, Any]:
        before, after = text.split(CURSOR)
        line, character = before.count("\n"), len(before.rpartition("\n")[2])
        return {"textDocument": {"uri": self._open(before + after)}, "position": {"line": line, "character": character}}

    def _open(self, text: str) -> str:
        self._files += 1
        file = f"file:///{self._files}.yaml"
        document = {"uri": file, "languageId": "yaml", "version": 1, "text": text}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        return file

    def _send(self, **message: Any) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """The next message; what the server itself asks for is answered."""
        read: Callable[..., bytes] = self._process.stdout.readline  # type: ignore[union-attr]
        length = 0
        while (header := read()) != b"\r\n":
            assert header, "the language server has ended"
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))  # type: ignore[union-attr]
        if message.get("method") == "workspace/configuration":
            asked = message["params"]["items"]
            self._send(id=message["id"], result=[self._settings if each["section"] == "yaml" else {} for each in asked])
        elif "method" in message and "id" in message:
            self._send(id=message["id"], result=None)
        elif message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message
