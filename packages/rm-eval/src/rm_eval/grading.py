"""From the replies of a run on disk to what they earned: graded one after another.

Nothing of a reply is kept in memory but a few numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from rm_eval.atomic import placed
from rm_eval.benchmark_numbers import BenchmarkNumbers, numbers_of
from rm_eval.benchmarks import BENCHMARKS
from rm_eval.clusters import cluster_of
from rm_eval.cost import Spent
from rm_eval.extractors import EXTRACTORS, PAPER, Extractor
from rm_eval.item import PLUS, Item, item_of
from rm_eval.job import REWARDS, Job
from rm_eval.journal import batches_in, replies_in
from rm_eval.manifest import Manifest
from rm_eval.map_splits import MAP_SPLITS, map_stratum
from rm_eval.metrics import by_group, by_type, score_of, stratum_of
from rm_eval.report import Report, spread
from rm_eval.results import Collector, Results
from rm_eval.route_tally import RouteTally
from rm_eval.samples import SAMPLES, Asked, Sample, Seen, asked_in, sample_of
from rm_eval.tasks import RM_DATA, asks_maps
from rm_rewards import PLANNING, Completion, Question, Reward, jsonl, reward_spec

PUBLISHED: Final = "official"
"""The extractor that reads a benchmark as its authors' code does."""


def finish(job: Job, manifest: Manifest) -> Report:
    """Grade the replies of a run that are all there, and write what they earned and the report."""
    tally = _Tally(job)
    with (
        placed(job.out / REWARDS) as rewards,  # the last to appear: it says that the run is whole
        placed(job.out / SAMPLES) as samples,
        rewards.open("w", encoding="utf-8") as earned,
        samples.open("w", encoding="utf-8") as told,
    ):
        for reward, sample in tally.graded():
            earned.write(jsonl.dump(reward) + "\n")
            told.write(jsonl.dump(sample) + "\n")
    report = tally.report(manifest)
    report.write(job.out)
    return report


class _Tally:
    """What the report needs to know of all replies."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._decided = Collector()
        self._published = Collector()
        self._maps = Collector() if asks_maps(job.settings.tasks) else None
        self._routes = RouteTally()
        self._without_network = self._truncated = 0
        self._total = 0.0
        self._spent = Spent()
        self._visual, self._new = array("q"), array("q")
        self._moved = job.dataset.way_from(job.out)

    def graded(self) -> Iterator[tuple[Reward, Sample]]:
        """What each reply earned, in the order of the questions."""
        job = self._job
        for question, completion, asked in zip(
            job.dataset.questions, replies_in(job.out), asked_in(job.out), strict=True
        ):
            reward = job.grade(question, completion)
            yield reward, self._sample(question, completion, reward, asked)

    def _sample(
        self, question: Question, completion: Completion, reward: Reward, asked: Asked
    ) -> Sample:
        item = self._job.dataset.items.get(question.id)
        seen = self._seen(question, item, completion, reward)
        placed_question = replace(question, figure=self._moved(question.figure))
        sample = sample_of(placed_question, item, completion, reward, asked, seen)
        self._count(question, item, sample, completion)
        return sample

    def _count(
        self, question: Question, item: Item | None, sample: Sample, completion: Completion
    ) -> None:
        stratum, read = stratum_of(question, item), sample.parsed is not None
        self._decided.add(stratum, sample.cluster, right=sample.correct, read=read)
        if self._maps is not None and not self._job.dataset.has_item(question):
            of_maps = map_stratum(question)
            self._maps.add(of_maps, sample.cluster, right=sample.correct, read=read)
        self._truncated += completion.finish_reason == "length"
        self._total += sample.total
        if sample.visual_tokens is not None:
            self._visual.append(sample.visual_tokens)
        if sample.tokens is not None:
            self._new.append(sample.tokens)
        self._spent.add(
            question.type,
            prompt=sample.prompt_tokens,
            visual=sample.visual_tokens,
            new=sample.tokens,
        )

    def _seen(
        self, question: Question, item: Item | None, completion: Completion, reward: Reward
    ) -> Seen:
        """By what rule the reply was read, and what the published code makes of it."""
        picture = self._job.pictures.of(question)
        sha256 = None if picture is None else picture.sha256
        found = Seen(path=_path(question, completion, reward), picture_sha256=sha256)
        if question.type == PLANNING:
            return self._scored_route(question, completion, found)
        own = item or item_of(question)
        if own is None:
            return found
        if own.task != PLUS:
            verdict = self._reader(own).judge(own, completion.text)
            found = replace(found, path=verdict.extraction.rule)
        if not EXTRACTORS[PUBLISHED].scores(own.task):
            return found
        verdict = EXTRACTORS[PUBLISHED].judge(own, completion.text)
        self._published.add(
            stratum_of(question, own),
            (item.cluster if item else "") or cluster_of(question),
            right=verdict.right,
            read=verdict.extraction.value is not None,
        )
        return replace(found, published_correct=verdict.right) if own.task == PLUS else found

    def _scored_route(self, question: Question, completion: Completion, found: Seen) -> Seen:
        network = self._job.networks.of(question)
        if network is None:
            self._without_network += 1
            return found
        scores = self._routes.add(question, completion.text, network, cluster_of(question))
        return replace(
            found,
            published_correct=scores["compat"].right,
            map_score=scores["compat"].score,
            map_score_fixed=scores["fixed"].score,
        )

    def _reader(self, item: Item) -> Extractor:
        own = self._job.own
        return EXTRACTORS[PAPER] if own is None or own.name != item.task else own.grader

    def report(self, manifest: Manifest) -> Report:
        """The report, when all replies are graded."""
        decided = self._decided.results()
        n = len(decided)
        batches = [(b.seconds, b.prompt_tokens, b.cached_tokens) for b in batches_in(self._job.out)]
        told = [(all_, kept) for _, all_, kept in batches if all_ and kept is not None]
        prompts = sum(all_ for all_, _ in told)
        return Report(
            model=manifest.model.path,
            data=manifest.data.file,
            blind=manifest.settings.blind,
            reward_version=manifest.reward_version,
            n=n,
            types=tuple(score_of(name, ones) for name, ones in by_type(decided).items()),
            groups=tuple(score_of(name, ones) for name, ones in by_group(decided).items()),
            benchmarks=tuple(self._benchmarks(decided)),
            routes=self._routes.numbers(),
            without_network=self._without_network,
            unparsed=int((~decided.read).sum()) / n,
            truncated=self._truncated / n,
            mean_reward=self._total / n,
            visual_tokens=spread(self._visual),
            new_tokens=spread(self._new),
            cached=sum(kept for _, kept in told) / prompts if prompts else None,
            seconds=round(sum(seconds for seconds, _, _ in batches), 3),
            usage=self._spent.usage(batches_in(self._job.out), manifest.settings),
            others=tuple(one for one in self._as_published() if one.task != PLUS),
        )

    def _benchmarks(self, decided: Results) -> Iterator[BenchmarkNumbers]:
        yield from (one for one in self._as_published() if one.task == PLUS)
        if self._maps is not None and len(mapped := self._maps.results()):
            reward = reward_spec(self._job.settings.reward).version
            yield numbers_of(RM_DATA, mapped, reward, MAP_SPLITS)
        own = self._job.own
        for task in decided.values(lambda one: one.task):
            if task in ("", PLUS, "reasonmap"):
                continue
            named = own if own is not None and own.name == task else None
            benchmark = BENCHMARKS.get(task) if named is None else named.benchmark
            reader = PAPER if named is None else named.version
            results = decided.where(lambda one, task=task: one.task == task)
            yield numbers_of(task, results, reader, benchmark)

    def _as_published(self) -> Iterator[BenchmarkNumbers]:
        held = self._published.results()
        for task in held.values(lambda one: one.task):
            results = held.where(lambda one, task=task: one.task == task)
            yield numbers_of(task, results, PUBLISHED, BENCHMARKS[task])


def _path(question: Question, completion: Completion, reward: Reward) -> str:
    """Where rm_rewards found the answer: a route, the box, outside it, or nowhere."""
    if reward.parsed is None:
        return "none"
    if question.type == PLANNING:
        return "route"
    boxed = "oxed" in completion.text and "unboxed" not in reward.reasons
    return "boxed" if boxed else "unboxed"
