"""The library against a model of plain dictionaries, whatever is done with it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.coverage import merged, without
from core.learning.library.library import Library
from core.learning.library.records import CutCorrection, ProjectCorrections
from core.project.emotion_corrections import EmotionCorrection
from core.time import Span
from tests.learning.library import made

One = CutCorrection | EmotionCorrection
Place = tuple[str, str]


def _key(one: One) -> object:
    return one.identifier if isinstance(one, CutCorrection) else one.span


class Model:
    """What the library should hold."""

    def __init__(self) -> None:
        self.profiles: dict[str, str] = {}
        self.said: dict[Place, dict[object, One]] = {}
        self.seen: dict[Place, tuple[Span, ...]] = {}
        self.features: set[str] = set()
        self.forgotten: dict[tuple[str, str, object], One] = {}
        self.left_out: set[str] = set()

    def _tidy(self, videos: set[str]) -> None:
        self.said = {place: said for place, said in self.said.items() if said}
        self.seen = {place: seen for place, seen in self.seen.items() if place in self.said}
        self.features -= videos - {video for _, video in self.said}

    def collect(self, given_project: ProjectCorrections) -> int:
        name = given_project.project
        before = {place: said for place, said in self.said.items() if place[0] == name}
        former = self.profiles.get(name) if before else None
        self.profiles[name] = given_project.profile
        for place in before:
            if place[1] not in self.left_out:
                del self.said[place]
        for one in given_project.videos:
            if one.video in self.left_out:
                continue
            said: dict[object, One] = {}
            hidden = []
            for correction in (*one.cuts, *one.emotions):
                mark = (name, one.video, _key(correction))
                if self.forgotten.get(mark) == correction:
                    hidden += [correction.span] if isinstance(correction, CutCorrection) else []
                else:
                    self.forgotten.pop(mark, None)
                    said[_key(correction)] = correction
            self.said[name, one.video] = said
            self.seen[name, one.video] = without(one.seen, hidden)
        self._tidy({video for _, video in before})
        after = {place: said for place, said in self.said.items() if place[0] == name}
        flat_before, flat_after = (
            {(*place, key): one for place, said in both.items() for key, one in said.items()}
            for both in (before, after)
        )
        moved = former is not None and former != given_project.profile
        return sum(
            moved or flat_before.get(key) != flat_after.get(key)
            for key in flat_before.keys() | flat_after.keys()
        )

    def forget(self, name: str, cuts: set[str]) -> None:
        for place, said in self.said.items():
            for key in cuts & said.keys() if place[0] == name else ():
                one = said.pop(key)
                self.forgotten[(*place, key)] = one
                self.seen[place] = without(self.seen[place], [one.span])
        self._tidy({video for _, video in self.said})

    def forget_emotion(self, name: str, video: str, span: Span) -> None:
        said = self.said.get((name, video), {})
        if span in said:
            self.forgotten[name, video, span] = said.pop(span)
        self._tidy({video})

    def forget_video(self, video: str) -> None:
        self.said = {place: said for place, said in self.said.items() if place[1] != video}
        self.left_out.add(video)
        self.features.discard(video)
        self._tidy(set())

    def forget_profile(self, profile: str | None) -> None:
        gone = {
            place for place in self.said if profile is None or self.profiles[place[0]] == profile
        }
        for place in gone:
            for key, one in self.said.pop(place).items():
                self.forgotten[(*place, key)] = one
        self._tidy({video for _, video in gone})
        if profile is None:
            self.features.clear()


_videos = st.sampled_from(made.VIDEOS)
_steps = st.one_of(
    st.tuples(st.just("collect"), made.projects),
    st.tuples(st.just("forget"), st.integers(0, 9), st.sets(st.sampled_from(["a", "b", "컷'c"]))),
    st.tuples(st.just("forget_emotion"), st.integers(0, 9)),
    st.tuples(st.just("forget_video"), _videos),
    st.tuples(st.just("leave_out"), _videos, st.booleans()),
    st.tuples(st.just("features"), _videos),
    st.tuples(st.just("forget_profile"), st.sampled_from(["", "게임", None])),
)


def _do(library: Library, model: Model, step: tuple[object, ...]) -> None:
    places = sorted(model.said)
    match step:
        case ("collect", ProjectCorrections() as given_project):
            assert library.collect(given_project) == model.collect(given_project)
        case ("forget", int(number), set(cuts)) if places:
            name = places[number % len(places)][0]
            library.forget(name, cuts)
            model.forget(name, cuts)
        case ("forget_emotion", int(number)) if places:
            name, video = places[number % len(places)]
            for one in list(model.said[name, video].values())[-1:]:
                library.forget_emotion(name, video, one.span)
                model.forget_emotion(name, video, one.span)
        case ("forget_video", str(video)):
            library.forget_video(video)
            model.forget_video(video)
        case ("leave_out", str(video), bool(out)):
            library.leave_out(video, out)
            (model.left_out.add if out else model.left_out.discard)(video)
        case ("features", str(video)):
            library.keep_features(video, made.features(cells=2))
            model.features |= {video} - model.left_out
        case ("forget_profile", profile):
            if profile is None:
                library.forget_everything()
            else:
                library.forget_profile(str(profile))
            model.forget_profile(None if profile is None else str(profile))


def _check(library: Library, model: Model) -> None:
    stored = library.corrections()
    held = {(s.project, s.video, _key(s.correction)): s.correction for s in stored}
    assert held == {(*p, key): one for p, said in model.said.items() for key, one in said.items()}
    assert len(held) == len(stored)
    assert {s.project: s.profile for s in stored} == {
        place[0]: model.profiles[place[0]] for place in model.said
    }
    for (name, video), seen in model.seen.items():
        assert library.seen(None, video, project=name) == seen
    spoken = {video for _, video in model.said}
    listed = {one.video: one for one in library.videos()}
    assert listed.keys() == spoken | model.features | model.left_out
    for video, one in listed.items():
        assert one.features == (video in model.features)
        assert one.left_out == (video in model.left_out)
        watched = merged(s for place, seen in model.seen.items() if place[1] == video for s in seen)
        assert library.seen(None, video) == watched
    assert library.profiles() == sorted({model.profiles[name] for name, _ in model.said})
    assert library.problems() == []


@settings(max_examples=50)
@given(st.lists(_steps, max_size=8))
def test_any_sequence_of_changes_equals_a_plain_model(steps: list[tuple[object, ...]]) -> None:
    model = Model()
    with Library.open(Path(":memory:")) as library:
        for step in steps:
            _do(library, model, step)
            _check(library, model)
