"""How TRL is told to sample with vLLM, and whether it can here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trl.import_utils import is_vllm_available

from rm_train.config_error import ConfigError

if TYPE_CHECKING:
    from rm_train.config import TrainConfig


def check_vllm(mode: str, device: str) -> None:
    """Refuse a run whose replies cannot be sampled by vLLM here, before anything is loaded.

    Args:
        mode: `colocate` or `server`.
        device: `cpu` or `cuda`.

    Raises:
        ConfigError: With the way out.
    """
    if not is_vllm_available():
        raise ConfigError(
            "use_vllm: found True, but vLLM is not installed; pip install 'trl[vllm]' (for a CPU "
            "docs/rollouts.md says how), or --no-use-vllm"
        )
    if mode == "server" and device == "cpu":
        raise ConfigError(
            "vllm_mode: found 'server', but torch sees no GPU, and weights go to a server from GPU "
            "to GPU; expected 'colocate'"
        )


def vllm_settings(config: TrainConfig) -> dict[str, Any]:
    """TRL's settings of the rollouts, under TRL's names."""
    return {
        "use_vllm": config.use_vllm,
        "vllm_mode": config.vllm_mode,
        "vllm_gpu_memory_utilization": config.vllm_gpu_memory,
        "vllm_max_model_length": config.vllm_max_model_length or None,
        "vllm_server_base_url": config.vllm_server_base_url,
        "vllm_server_host": config.vllm_server_host,
        "vllm_server_port": config.vllm_server_port,
        "vllm_server_timeout": config.vllm_server_timeout,
        "vllm_group_port": config.vllm_group_port,
    }
