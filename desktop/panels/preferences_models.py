"""Preferences: which networks hear, see and judge, and whether missing ones may be fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.errors import ModelError
from core.networks.weights import load_card
from core.places import MODELS
from desktop import theme
from desktop.i18n import tr, tr_message
from desktop.jobs.job import JobControls, JobSlot, Work
from desktop.settings import SettingsStore
from desktop.settings_values import SPEECH_LANGUAGES
from desktop.widgets import label, push_button

_SPEECH_FILES = ("config.json", "model.bin", "tokenizer.json")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


class ModelsPage(QWidget):
    """The networks for emotion, highlights, pictures and speech, and which may be fetched."""

    def __init__(self, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.emotion = ModelRow(
            store,
            "emotion_model",
            tr("Emotion in speech"),
            tr("A folder of weights that train emotion wrote."),
            _weights_at,
        )
        self.fusion = ModelRow(
            store,
            "fusion_model",
            tr("Highlights"),
            tr("A folder of weights that train highlights wrote."),
            _weights_at,
        )
        self.visual = ModelRow(
            store,
            "visual_model",
            tr("Pictures"),
            tr("A folder with a Vision Transformer, or its name on the Hugging Face hub."),
            _transformer_at,
        )
        self.speech = ModelRow(
            store,
            "speech_model",
            tr("Captions from speech"),
            tr(
                "A folder with a Whisper model for CTranslate2, or its name on the Hugging Face "
                "hub, as small or large-v3."
            ),
            _speech_model_at,
            shipped=False,
        )
        self.language = _language_choice()
        self.downloads = QCheckBox(tr("Fetch a model that is missing"))
        self.downloads.toggled.connect(lambda on: store.change(allow_downloads=on))
        meaning = label(
            tr(
                "A model that is named above and not on this machine is then downloaded from "
                "the Hugging Face hub when it is needed; nothing of your videos is sent."
            ),
            "secondary",
            wrap=True,
        )
        shipped = label(
            tr("The models that came with the application are in {folder}.", folder=MODELS),
            "secondary",
            wrap=True,
        )
        shipped.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column = QVBoxLayout(self)
        column.setSpacing(2 * theme.SPACING)
        column.addWidget(label(tr("NETWORKS"), "heading"))
        for row in (self.emotion, self.fusion, self.visual):
            column.addWidget(row)
        column.addWidget(shipped)
        column.addWidget(label(tr("SPEECH"), "heading"))
        column.addWidget(self.speech)
        language = QHBoxLayout()
        language.setSpacing(theme.SPACING)
        language.addWidget(label(tr("Language of speech")))
        language.addWidget(self.language)
        language.addStretch()
        column.addLayout(language)
        column.addWidget(label(tr("DOWNLOADS"), "heading"))
        consent = QVBoxLayout()
        consent.setSpacing(4)
        consent.addWidget(self.downloads)
        consent.addWidget(meaning)
        column.addLayout(consent)
        column.addStretch()
        self._show()
        self.language.currentIndexChanged.connect(
            lambda: store.change(speech_language=self.language.currentData())
        )
        store.changed.connect(self._show)

    def close_jobs(self) -> None:
        """Ends what goes on in the background."""
        for row in (self.emotion, self.fusion, self.visual, self.speech):
            row.close_jobs()

    def _show(self) -> None:
        with QSignalBlocker(self.downloads):
            self.downloads.setChecked(self._store.current.allow_downloads)
        with QSignalBlocker(self.language):
            self.language.setCurrentIndex(
                self.language.findData(self._store.current.speech_language)
            )


class ModelRow(QWidget):
    """One network: where its weights are, checked in the background before they are taken.

    Args:
        store: The settings.
        setting: The field that names the weights; empty for the shipped ones.
        title: What the network is for.
        explanation: What may be named here.
        check: Gives the full name of a place, or raises ModelError if it holds no such network;
            runs in a job.
        shipped: Whether one came with the application; else there is none until one is named.
        parent: Owner.

    Signals:
        checked: The present text was looked at, and taken if it was right.
    """

    checked = Signal()

    def __init__(
        self,
        store: SettingsStore,
        setting: str,
        title: str,
        explanation: str,
        check: Callable[[str], str],
        *,
        shipped: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._setting = setting
        self._title = title
        self._check = check
        self._checking = JobSlot(self)
        self.place = QLineEdit(placeholderText=tr("As shipped") if shipped else tr("None"))
        self.place.setAccessibleName(title)
        self.place.setAccessibleDescription(explanation)
        self.browse = push_button(tr("Browse…"), tr("Choose a folder: {title}", title=title))
        self.as_shipped = (
            push_button(tr("As shipped"), tr("Use the network that came with the application"))
            if shipped
            else push_button(tr("None"), tr("Use no network for this"))
        )
        self.browse.setAccessibleName(self.browse.toolTip())
        self.as_shipped.setAccessibleName(f"{title}: {self.as_shipped.text()}")
        self.problem = label(role="problem", wrap=True)
        self.problem.hide()
        fields = QHBoxLayout()
        fields.setSpacing(theme.SPACING)
        fields.addWidget(self.place, 1)
        fields.addWidget(self.browse)
        fields.addWidget(self.as_shipped)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title))
        column.addLayout(fields)
        column.addWidget(label(explanation, "secondary", wrap=True))
        column.addWidget(self.problem)
        self.place.editingFinished.connect(self._typed)
        self.browse.clicked.connect(self._ask)
        self.as_shipped.clicked.connect(lambda: self._take(""))
        store.changed.connect(self._follow)
        self._show()

    def close_jobs(self) -> None:
        """Ends the check."""
        self._checking.close()

    def _follow(self, fields: frozenset[str]) -> None:
        if self._setting in fields:
            self._show()

    def _show(self) -> None:
        value = getattr(self._store.current, self._setting)
        self.place.setText(value)
        self.as_shipped.setEnabled(bool(value))
        self.problem.hide()

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._title, self.place.text())
        if folder:
            self.place.setText(folder)
            self._typed()

    def _typed(self) -> None:
        place = self.place.text().strip()
        if not place or place == getattr(self._store.current, self._setting):
            self._take(place)
            return
        job = self._checking.start(_checked(self._check, place))
        job.succeeded.connect(self._take)
        job.failed.connect(self._refuse)
        job.start()

    def _take(self, place: str) -> None:
        self._checking.abandon()
        self._store.change(**{self._setting: place})
        self._show()
        self.checked.emit()

    def _refuse(self, message: str) -> None:
        told = tr_message(message)
        self.problem.setText(told[:1].upper() + told[1:])
        self.problem.show()
        self.checked.emit()


def _checked(check: Callable[[str], str], place: str) -> Work:
    def work(controls: JobControls) -> str:
        return check(place)

    return work


def _weights_at(place: str) -> str:
    folder = Path(place).expanduser().absolute()
    load_card(folder)
    return str(folder)


def _transformer_at(place: str) -> str:
    folder = Path(place).expanduser().absolute()
    if (folder / "config.json").is_file():
        return str(folder)
    if folder.exists() or not _HUB_NAME.fullmatch(place):
        raise ModelError(
            "there is no Vision Transformer here",
            path=folder,
            remedy="Choose a folder with a config.json, or type a name such as owner/model.",
        )
    return place


def _speech_model_at(place: str) -> str:
    folder = Path(place).expanduser().absolute()
    if all((folder / name).is_file() for name in _SPEECH_FILES):
        return str(folder)
    if folder.exists() or not _HUB_NAME.fullmatch(place):
        raise ModelError(
            "there is no Whisper model for CTranslate2 here",
            path=folder,
            remedy="Choose a folder with a model.bin, or type a name such as small.",
        )
    return place


def _language_choice() -> QComboBox:
    names = {
        "": tr("As heard"),
        "ko": tr("Korean"),
        "en": tr("English"),
        "ja": tr("Japanese"),
        "zh": tr("Chinese"),
        "es": tr("Spanish"),
        "fr": tr("French"),
        "de": tr("German"),
        "pt": tr("Portuguese"),
        "it": tr("Italian"),
        "ru": tr("Russian"),
        "vi": tr("Vietnamese"),
        "id": tr("Indonesian"),
    }
    made = QComboBox()
    made.setAccessibleName(tr("Language of speech"))
    for code in SPEECH_LANGUAGES:
        made.addItem(names[code], code)
    return made
