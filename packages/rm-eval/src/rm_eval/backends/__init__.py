"""The models' side of a measurement: what turns prompts into replies.

`backend` is the interface; `local` (transformers), `offline` (vLLM in this process) and
`openai_server` (any server that speaks OpenAI's chat protocol) are behind it.
"""
