from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rm_train.vllm_pictures import one_token_a_picture, repair_colocated

SIZE = {"shortest_edge": 3136, "longest_edge": 12544}


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([1, 9, 9, 9, 2], [1, 9, 2]),
        ([1, 9, 2], [1, 9, 2]),
        ([9, 9, 1, 9, 9], [9, 1, 9]),
        ([1, 1, 2, 2], [1, 1, 2, 2]),
        ([], []),
    ],
)
def test_a_run_of_picture_tokens_becomes_one(ids: list[int], expected: list[int]) -> None:
    assert one_token_a_picture(ids, picture=9) == expected


def test_vllm_gets_what_it_will_expand_and_forgets_encoded_pictures() -> None:
    # vLLM needs a GPU; this stands for the two objects that TRL calls
    log: list[Any] = []
    engine = SimpleNamespace(reset_encoder_cache=lambda: log.append("encoder cache reset"))

    def generate(rows: object, *, use_tqdm: bool) -> None:
        assert not use_tqdm
        log.append(rows)

    llm = SimpleNamespace(generate=generate, llm_engine=engine)
    generation = SimpleNamespace(llm=llm, sync_weights=lambda: log.append("weights"))
    repair_colocated(generation, picture=9, size=SIZE)
    generation.sync_weights()
    llm.generate(
        [
            {"prompt_token_ids": [1, 9, 9, 2], "multi_modal_data": {"image": "a picture"}},
            {"prompt_token_ids": [1, 9, 9, 2]},
        ],
        use_tqdm=False,
    )
    assert log[:2] == ["weights", "encoder cache reset"]
    assert log[2] == [
        {
            "prompt_token_ids": [1, 9, 2],
            "multi_modal_data": {"image": "a picture"},
            "mm_processor_kwargs": {"size": SIZE},
        },
        {"prompt_token_ids": [1, 9, 9, 2]},
    ]
