"""Find a model on this machine and make sure that it is whole.

A model is a directory in one of three layouts:

- MarianMT as on the Hugging Face hub: `config.json`, `model.safetensors` or `pytorch_model.bin`, `vocab.json`
  (and `target_vocab.json` with separate vocabularies), `source.spm`, `target.spm`;
- CTranslate2 with these SentencePiece names: `model.bin`, `config.json`, vocabulary files, `source.spm`, `target.spm`;
- CTranslate2 as the quickmt project publishes it: the same beside `src.spm.model` and `tgt.spm.model`.

A `MANIFEST.json` beside the files records their sizes and hashes, the licence of the weights, and whether the attention
is a word alignment.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from bilingual.engines.hashes import file_hashes, hash_file, recall
from bilingual.errors import ModelError

__all__ = [
    "Model",
    "checked_record",
    "find_model",
    "hub_folder",
    "list_models",
    "open_model",
    "read_json",
    "read_manifest",
    "user_cache",
    "write_manifest",
]

MANIFEST = "MANIFEST.json"
_SPM_NAMES = (("source.spm", "target.spm"), ("src.spm.model", "tgt.spm.model"), ("joint.spm.model", "joint.spm.model"))
# Trained with guided alignment, as the model's authors say: head 0 of the last decoder layer's cross attention.
_GUIDED_HUB_IDS = frozenset({"Helsinki-NLP/opus-mt-zh-en"})


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is on this machine, whole.

    Attributes:
        name: Its bundled name, hub id or directory name.
        path: The directory.
        layout: `marian` for a Hugging Face checkpoint, `ctranslate2` for one already converted.
        files: Name and sha256 of every file that decides the output, sorted.
        source_spm: Name of the source side's SentencePiece file.
        target_spm: Name of the target side's.
        license: SPDX name of the weights' licence, or None when nothing says.
        guided: Whether the attention is a word alignment; None when nobody has checked.
        revision: The commit on the hub, for a pulled model.
    """

    name: str
    path: Path
    layout: Literal["marian", "ctranslate2"]
    files: tuple[tuple[str, str], ...]
    source_spm: str
    target_spm: str
    license: str | None = None
    guided: bool | None = None
    revision: str | None = None

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that name these files and no others."""
        return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in self.files).encode()).hexdigest()[:16]

    @property
    def size(self) -> int:
        """Bytes on disk of the files that decide the output."""
        return sum((self.path / name).stat().st_size for name, _ in self.files)


def user_cache() -> Path:
    """Give the user's cache directory for converted and pulled models."""
    from platformdirs import user_cache_path

    return user_cache_path("bilingual", appauthor=False)


def bundled_folder() -> Path:
    """Give the folder of the bundled models: inside the installed package, or beside it in a checkout."""
    package = Path(str(files("bilingual")))
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"


def hub_folder(cache_dir: Path, hub_id: str) -> Path:
    """Give the folder that `pull` puts a model of the hub into."""
    return cache_dir / "hub" / hub_id.replace("/", "--")


def find_model(
    model: str | Path = "zh-en-small", *, models_dir: Path | None = None, cache_dir: Path | None = None
) -> Model:
    """Find a model by bundled name, hub id or directory, and verify it.

    Args:
        model: A `Path` is always a directory; a `str` is tried as bundled name, pulled hub id and directory.
        models_dir: Folder of the bundled models; None is where the package has them.
        cache_dir: The user's cache directory; None is the platform's.

    Raises:
        ModelError: It is not there, a file is missing or damaged, or it is of a kind that cannot be loaded.
    """
    cache = cache_dir or user_cache()
    if isinstance(model, str):
        bundled = (models_dir or bundled_folder()) / model
        if model and "/" not in model and "\\" not in model and (bundled / MANIFEST).is_file():
            return open_model(model, bundled, cache, "Install bilingual again (pip install --force-reinstall)")
        pulled = hub_folder(cache, model)
        if (pulled / MANIFEST).is_file():
            return open_model(model, pulled, cache, f"Fetch it again: bilingual models pull {model}")
    path = Path(model)
    if str(model) and path.is_dir():
        return open_model(path.resolve().name, path, cache, "Restore the file, or take another: bilingual models list")
    if isinstance(model, str) and model.count("/") == 1 and not model.startswith((".", "/")):
        raise ModelError(f"{model}: not on this machine. Fetch it once: bilingual models pull {model}")
    raise ModelError(f"{model or repr(model)}: no such model or directory. See what there is: bilingual models list")


def list_models(*, models_dir: Path | None = None, cache_dir: Path | None = None) -> list[str]:
    """List the models that `find_model` finds by name: the bundled ones, then the pulled hub ids, each sorted."""
    bundled = models_dir or bundled_folder()
    cache = cache_dir or user_cache()
    names = sorted(path.parent.name for path in bundled.glob(f"*/{MANIFEST}"))
    return names + sorted(
        str(read_manifest(path.parent).get("hub_id", path.parent.name))
        for path in (cache / "hub").glob(f"*/{MANIFEST}")
    )


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read a model's manifest; empty when it has none.

    Raises:
        ModelError: It is no manifest.
    """
    path = directory / MANIFEST
    if not path.is_file():
        return {}
    return read_json(path)


def write_manifest(directory: Path, **facts: Any) -> None:
    """Record the size and sha256 of every file of a directory, and the facts given, in its manifest.

    README, LICENSE and hidden files are for people and stay out.
    """
    names = sorted(
        path.name
        for path in directory.iterdir()
        if path.is_file() and not path.name.startswith((".", "README", "LICENSE", MANIFEST))
    )
    entries = {
        name: {"size": (directory / name).stat().st_size, "sha256": hash_file(directory / name)} for name in names
    }
    temporary = directory / f".{MANIFEST}.{os.getpid()}"
    temporary.write_text(json.dumps({**facts, "files": entries}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, directory / MANIFEST)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model.

    Raises:
        ModelError: The file is missing or holds no JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: cannot be read as JSON ({error}). See other models: bilingual models list"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: no JSON object. See other models: bilingual models list")
    return value


def open_model(name: str, path: Path, cache: Path | None, remedy: str) -> Model:
    """Recognise the layout of a directory and verify its files; `remedy` ends the message when one is not whole.

    Args:
        name: What the model is called.
        path: The directory.
        cache: Where the hashes of large files are remembered; None reads every file.
        remedy: What to do when a file is missing or damaged.

    Raises:
        ModelError: A file is missing or damaged, or the model is of a kind that cannot be loaded.
    """
    manifest = read_manifest(path)
    layout: Literal["marian", "ctranslate2"] = "ctranslate2" if (path / "model.bin").is_file() else "marian"
    _refuse_students(path)
    spm_names = next((pair for pair in _SPM_NAMES if (path / pair[0]).is_file()), _SPM_NAMES[0])
    needed = ["config.json", *dict.fromkeys(spm_names)]
    if layout == "ctranslate2":
        needed += ["model.bin", *sorted(p.name for p in path.glob("*vocabulary*") if p.suffix in (".json", ".txt"))]
    else:
        needed += ["vocab.json", _weights_name(path, manifest)]
        if (path / "tokenizer_config.json").is_file():
            needed.append("tokenizer_config.json")
            if read_json(path / "tokenizer_config.json").get("separate_vocabs"):
                needed.append("target_vocab.json")
    recorded: Mapping[str, Mapping[str, Any]] = manifest.get("files", {})
    for wanted in dict.fromkeys([*needed, *recorded]):
        if not (path / wanted).is_file():
            raise ModelError(f"{path}: {wanted} is missing. {remedy}")
    digests = file_hashes(path, sorted({*needed, *recorded}), cache)
    for wanted, entry in recorded.items():
        if digests[wanted] != entry["sha256"]:
            raise ModelError(
                f"{path / wanted}: damaged, its sha256 is not the one that MANIFEST.json records. {remedy}"
            )
    if layout == "marian":
        _refuse_other_architectures(path)
    model = Model(
        name=name,
        path=path,
        layout=layout,
        files=tuple((wanted, digests[wanted]) for wanted in sorted(needed)),
        source_spm=spm_names[0],
        target_spm=spm_names[1],
        license=manifest.get("license"),
        guided=True if name in _GUIDED_HUB_IDS else manifest.get("guided"),
        revision=manifest.get("revision"),
    )
    if model.guided is None and cache is not None:
        return replace(model, guided=recall(checked_record(cache, model.hash)).get("guided"))
    return model


def _weights_name(path: Path, manifest: Mapping[str, Any]) -> str:
    """Choose the weights: safetensors where both forms are there."""
    known = {*manifest.get("files", {}), *(p.name for p in path.iterdir())}
    return (
        "pytorch_model.bin"
        if "model.safetensors" not in known and "pytorch_model.bin" in known
        else "model.safetensors"
    )


def _refuse_students(path: Path) -> None:
    """Refuse the models of Bergamot and Firefox, whose decoder is no Transformer."""
    names = [p.name for p in path.iterdir()]
    if any(".intgemm" in name for name in names) or (
        "model.bin" not in names
        and any(name.startswith("model.") and name.endswith((".npz", ".bin")) for name in names)
    ):
        raise ModelError(
            f"{path}: a Marian student with an SSRU decoder (Bergamot, Firefox); neither engine can run it. "
            "Take a Transformer checkpoint, for example: bilingual models pull Helsinki-NLP/opus-mt-zh-en"
        )


def _refuse_other_architectures(path: Path) -> None:
    config = read_json(path / "config.json")
    if config.get("model_type") != "marian":
        kind = config.get("model_type", "unknown")
        raise ModelError(
            f"{path}: a model of type {kind!r}; only MarianMT checkpoints and CTranslate2 directories can be loaded. "
            "See what there is: bilingual models list"
        )


def checked_record(cache: Path, digest: str) -> Path:
    """Name the file that keeps what `check_model` found about the model with this hash."""
    return cache / "checked" / f"{digest}.json"
