"""Fetching models from a server in the hub's layout, on 127.0.0.1."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bilingual.engines import find_model, list_models, load_translator, pull_model
from bilingual.engines.models import hub_folder, read_manifest
from bilingual.errors import ModelError
from bilingual.segment import cut_sentence
from command import Command
from toy_models import make_toy

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = "---\nlanguage: zh\nlicense: cc-by-4.0\ntags:\n- translation\n---\n# A model\n"


class Hub:
    """A hub with one model: repo -> files, and every path that was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.damaged = ""
        self.endpoint = ""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_toy(tmp_path_factory.mktemp("hub") / "toy")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "rust_model.ot").write_bytes(b"not wanted")
    (folder / "modeling.py").write_text("raise SystemExit('code of the repository was run')")
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[Hub]:
    hub = Hub(published)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep quiet."""

        def _answer(self, *, body: bool) -> None:
            path = self.path.split("?")[0]
            hub.asked.append(path)
            hub.headers.append(dict(self.headers))
            if path in (f"/api/models/someone/toy/revision/{rev}" for rev in ("main", "v1", COMMIT)) or (
                path == "/api/models/someone/toy"
            ):
                self._send(json.dumps(self._info()).encode(), "application/json", body)
            elif path.startswith("/api/models/someone/toy/revision/"):
                self._refuse("RevisionNotFound")
            elif path.startswith(f"/someone/toy/resolve/{COMMIT}/"):
                file = hub.folder / path.rsplit("/", 1)[1]
                data = file.read_bytes()
                if file.name == hub.damaged:
                    data = data[:-1] + bytes([data[-1] ^ 1])
                self._send(data, "application/octet-stream", body, etag=hashlib.sha256(data).hexdigest())
            else:
                self._refuse("RepoNotFound")

        def _info(self) -> dict[str, object]:
            siblings = [
                {
                    "rfilename": file.name,
                    "size": file.stat().st_size,
                    "lfs": {
                        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                        "size": file.stat().st_size,
                        "pointerSize": 130,
                    },
                }
                for file in sorted(hub.folder.iterdir())
            ]
            return {"id": "someone/toy", "modelId": "someone/toy", "sha": COMMIT, "tags": [], "siblings": siblings}

        def _send(self, data: bytes, kind: str, body: bool, etag: str = "") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", COMMIT)
            if etag:
                self.send_header("ETag", f'"{etag}"')
            self.end_headers()
            if body:
                self.wfile.write(data)

        def _refuse(self, code: str) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_pulled_model_is_pinned_recorded_and_found_by_its_id(hub: Hub, tmp_path: Path) -> None:
    seen: list[str] = []
    model = pull_model(
        "someone/toy", cache_dir=tmp_path, endpoint=hub.endpoint, progress=lambda name, size: seen.append(name)
    )
    folder = hub_folder(tmp_path, "someone/toy")
    assert (model.name, model.path, model.revision, model.license) == ("someone/toy", folder, COMMIT, "cc-by-4.0")
    assert sorted(seen) == sorted(path.name for path in folder.iterdir() if path.name != "MANIFEST.json")
    assert "rust_model.ot" not in seen
    assert "modeling.py" not in seen
    manifest = read_manifest(folder)
    assert (manifest["hub_id"], manifest["revision"]) == ("someone/toy", COMMIT)
    weights = (hub.folder / "model.safetensors").read_bytes()
    assert manifest["files"]["model.safetensors"] == {
        "size": len(weights),
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    assert list_models(cache_dir=tmp_path) == ["zh-en-small", "someone/toy"]
    assert find_model("someone/toy", cache_dir=tmp_path) == model
    assert load_translator("someone/toy", cut=cut_sentence, cache_dir=tmp_path).translate(["他来了。"])[0][0].text
    assert all("authorization" not in {name.lower() for name in headers} for headers in hub.headers)


def test_a_revision_may_be_named(hub: Hub, tmp_path: Path) -> None:
    assert pull_model("someone/toy", revision="v1", cache_dir=tmp_path, endpoint=hub.endpoint).revision == COMMIT
    assert "/api/models/someone/toy/revision/v1" in hub.asked
    with pytest.raises(ModelError) as caught:
        pull_model("someone/toy", revision="v9", cache_dir=tmp_path, endpoint=hub.endpoint)
    assert str(caught.value) == (
        f"someone/toy: {hub.endpoint} has no revision 'v9'. See {hub.endpoint}/someone/toy/commits"
    )


def test_an_unknown_model_and_a_malformed_id(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        pull_model("someone/else", cache_dir=tmp_path, endpoint=hub.endpoint)
    assert str(caught.value) == (f"someone/else: there is no such public model on {hub.endpoint}. Check the spelling")
    with pytest.raises(ModelError, match="is no hub id"):
        pull_model("../../etc", cache_dir=tmp_path, endpoint=hub.endpoint)
    assert not list((tmp_path / "hub").glob(".*"))


def test_what_arrives_damaged_is_refused_and_leaves_nothing(hub: Hub, tmp_path: Path) -> None:
    hub.damaged = "source.spm"
    with pytest.raises(ModelError, match=r"source.spm: what arrived is not what the hub recorded"):
        pull_model("someone/toy", cache_dir=tmp_path, endpoint=hub.endpoint)
    assert list((tmp_path / "hub").iterdir()) == []


def test_a_repository_that_cannot_be_loaded_does_not_replace_one_that_can(hub: Hub, tmp_path: Path) -> None:
    pull_model("someone/toy", cache_dir=tmp_path, endpoint=hub.endpoint)
    other = tmp_path / "other"
    shutil.copytree(hub.folder, other)
    (other / "target.spm").unlink()
    hub.folder = other
    with pytest.raises(
        ModelError, match=r"target.spm is missing. This repository holds no MarianMT or CTranslate2 model"
    ):
        pull_model("someone/toy", cache_dir=tmp_path, endpoint=hub.endpoint)
    assert find_model("someone/toy", cache_dir=tmp_path).revision == COMMIT


def test_without_a_network_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        pull_model("someone/toy", cache_dir=tmp_path, endpoint="http://127.0.0.1:9")
    message = str(caught.value)
    assert message.startswith("someone/toy: the download from http://127.0.0.1:9 failed (")
    assert message.endswith("without it, copy the model's directory here and name it with --model DIRECTORY")
    assert "\n" not in message


def test_the_command_pulls_from_the_endpoint_in_the_environment(
    hub: Hub, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("BILINGUAL_CACHE", str(tmp_path))
    done = command("models", "pull", "someone/toy")
    assert (done.code, done.out) == (0, "")
    lines = done.err.splitlines()
    assert any(line.startswith("model.safetensors (") for line in lines)
    assert lines[-2:] == [
        f"someone/toy at commit {COMMIT} is in {hub_folder(tmp_path, 'someone/toy')}; licence: cc-by-4.0.",
        "Use it: bilingual translate ARTICLE --model someone/toy",
    ]
