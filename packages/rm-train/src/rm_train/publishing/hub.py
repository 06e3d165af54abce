"""A folder on its way to the hub."""

from __future__ import annotations

from pathlib import Path

from httpx import HTTPError
from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
from huggingface_hub.utils import validate_repo_id

from rm_train.run_directory import RunError


def check_repository(repo: str) -> str:
    """See that a push can begin; gives the token.

    Raises:
        RunError: If the name is none, nobody is logged in, or the hub is switched off.
    """
    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise RunError(f"--repo: found {repo!r}: {_line(error)}") from None
    if constants.HF_HUB_OFFLINE:
        raise RunError("the hub is switched off by HF_HUB_OFFLINE; unset it, or use --dry-run")
    token = get_token()
    if not token:
        raise RunError("no token for the hub; log in with `hf auth login` or set HF_TOKEN")
    return token


def upload(folder: Path, repo: str, *, private: bool) -> str:
    """Make the repository if need be and upload the folder; gives the address.

    Raises:
        RunError: If the hub cannot be reached or refuses.
    """
    api = HfApi(token=check_repository(repo))
    try:
        made = api.create_repo(repo, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=made.repo_id, folder_path=folder, commit_message="Upload from rm-train"
        )
    except (HfHubHTTPError, OfflineModeIsEnabled, HTTPError, OSError) as error:
        raise RunError(
            f"{repo}: the hub at {api.endpoint} did not take it: {_line(error)}"
        ) from error
    return str(made)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
