"""Fetch a model from the Hugging Face hub: the only part of the program that uses the network."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from bilingual.engines.hashes import hash_file
from bilingual.engines.models import Model, find_model, hub_folder, open_model, write_manifest
from bilingual.errors import ModelError

__all__ = ["HUB", "pull_model"]

HUB = "https://huggingface.co"
_WANTED = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "vocab.json",
    "target_vocab.json",
    "source.spm",
    "target.spm",
    "*.spm.model",
    "*vocabulary*.json",
    "*vocabulary*.txt",
    "README.md",
    "LICENSE*",
)
_WEIGHTS = ("model.bin", "model.safetensors", "pytorch_model.bin")  # the first that the repository has


def pull_model(
    hub_id: str,
    *,
    cache_dir: Path,
    revision: str | None = None,
    endpoint: str = HUB,
    progress: Callable[[str, int], None] = lambda name, size: None,
) -> Model:
    """Fetch a model, pin its revision and record the hash of each file.

    Weights are taken as safetensors where there are any; a `pytorch_model.bin` is later read with `weights_only=True`.
    No code of the repository is fetched, no token of the user is sent, and the folder appears only when it is whole.

    Args:
        hub_id: "owner/name".
        cache_dir: The user's cache directory.
        revision: Branch, tag or commit; None is the main branch as it is now. The commit is recorded.
        endpoint: The hub, or a mirror of it.
        progress: Called before each file with its name and size in bytes.

    Raises:
        ModelError: The hub cannot be reached, there is no such model or revision, or it is not one that can be loaded.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", hub_id):
        raise ModelError(f"{hub_id!r} is no hub id; one looks like Helsinki-NLP/opus-mt-zh-en")
    folder = hub_folder(cache_dir, hub_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        commit = _download(hub_id, revision, endpoint, temporary, progress)
        write_manifest(
            temporary, hub_id=hub_id, revision=commit, license=_card_license(temporary / "README.md"), guided=None
        )
        # Refuse what cannot be loaded before it replaces what can.
        open_model(hub_id, temporary, None, "This repository holds no MarianMT or CTranslate2 model that can be loaded")
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return find_model(hub_id, cache_dir=cache_dir)


def _download(
    hub_id: str, revision: str | None, endpoint: str, folder: Path, progress: Callable[[str, int], None]
) -> str:
    """Fetch the files of one commit into a folder and verify them against the hub's hashes; give the commit."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import (  # type: ignore[attr-defined]
        HfHubHTTPError,
        HTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        api = HfApi(endpoint=endpoint, token=False)
        info = api.model_info(hub_id, revision=revision, files_metadata=True, timeout=30)
        entries = {entry.rfilename: entry for entry in info.siblings or []}
        wanted = [name for name in entries if any(fnmatch(name, pattern) for pattern in _WANTED)]
        wanted += [name for name in _WEIGHTS if name in entries][:1]
        for name in wanted:
            progress(name, entries[name].size or 0)
            hf_hub_download(
                hub_id,
                name,
                revision=info.sha,
                endpoint=endpoint,
                local_dir=folder,
                token=False,
                tqdm_class=_silent_bar(),
            )
            _verify(folder / name, entries[name].lfs)
    except RevisionNotFoundError as error:
        raise ModelError(
            f"{hub_id}: {endpoint} has no revision {revision!r}. See {endpoint}/{hub_id}/commits"
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelError(f"{hub_id}: there is no such public model on {endpoint}. Check the spelling") from error
    except HfHubHTTPError as error:
        raise ModelError(f"{hub_id}: {endpoint} refused the download ({error}). Try again later") from error
    except (OSError, HTTPError) as error:  # the disk's errors and the network's
        raise ModelError(
            f"{hub_id}: the download from {endpoint} failed ({error or type(error).__name__}). This is the one command "
            "that needs the network; without it, copy the model's directory here and name it with --model DIRECTORY"
        ) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    return str(info.sha)


def _silent_bar() -> type[Any]:
    """Give a progress bar that draws nothing: only the command line talks."""
    from huggingface_hub.utils.tqdm import tqdm

    class Silent(tqdm):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options["disable"] = True
            super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]

    return Silent


def _verify(path: Path, lfs: Any) -> None:
    expected = getattr(lfs, "sha256", None)
    if expected and hash_file(path) != expected:
        raise ModelError(f"{path.name}: what arrived is not what the hub recorded. Run the same command again")


def _card_license(card: Path) -> str | None:
    """Read the licence from the front matter of a model card."""
    if not card.is_file():
        return None
    front = re.match(r"---\n(.*?)\n---", card.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    found = re.search(r"^license:\s*['\"]?([\w.\-]+)", front[1], re.MULTILINE) if front else None
    return found[1] if found else None
