"""The full screen: three columns, a notice, the input line and the keys."""

from __future__ import annotations

from typing import Callable, Optional

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from cli.desk.commands import KEYS
from cli.desk.picture import KEYS_LINE, Line, Picture

_STYLE = Style.from_dict({
    "title": "bold", "ready": "ansigreen bold", "paused": "ansiyellow bold", "alarm": "ansired bold", "elderly": "ansiyellow bold",
    "head": "underline", "strong": "bold", "faint": "ansibrightblack", "caller": "ansicyan", "operator": "ansigreen", "unread": "ansimagenta bold",
    "current": "reverse bold", "notice": "ansiyellow", "keys": "reverse", "edge": "ansibrightblack",
})
_SEATS = 9  # conversations that a digit reaches


class Screen:
    """`draw` gives the picture for columns and rows; `on_key` gets names of KEYS, `on_number` the digit of a conversation."""

    def __init__(self, draw: Callable[[int, int], Picture], on_line: Callable[[str], None], on_key: Callable[[str], None],
                 on_number: Callable[[str], None], on_text: Callable[[str], None], input: Optional[Input] = None,
                 output: Optional[Output] = None) -> None:
        self._draw = draw
        self._drawn: tuple[tuple[int, int, int], Optional[Picture]] = (-1, 0, 0), None
        self._on_line, self._on_key, self._on_number = on_line, on_key, on_number
        self._taking = False
        self._buffer = Buffer(multiline=False, on_text_changed=lambda buffer: None if self._taking else on_text(buffer.text),
                              accept_handler=self._accept)
        self.app: Application[None] = Application(self._layout(), key_bindings=self._keys(), style=_STYLE, full_screen=True, refresh_interval=1.0,
                                                  input=input, output=output)
        self.app.ttimeoutlen = 0.1  # Escape alone acts soon; Alt with a digit comes in one piece

    @property
    def text(self) -> str:
        """The input line."""
        return self._buffer.text

    @text.setter
    def text(self, text: str) -> None:
        self._buffer.text = text
        self._buffer.cursor_position = len(text)

    def ring(self) -> None:
        """Sound the terminal's bell."""
        self.app.output.bell()
        self.app.output.flush()

    def _accept(self, buffer: Buffer) -> bool:
        self._taking = True  # the line is not wiped out but taken
        line, buffer.text = buffer.text, ""
        self._taking = False
        self._on_line(line)
        return True  # what stands in the line now is kept: a line that could not be used is given back

    def _now(self) -> Picture:
        """One picture for each rendering: every window shows a part of it."""
        size = self.app.output.get_size()
        shown = self.app.render_counter, size.columns, size.rows
        if self._drawn[0] != shown or self._drawn[1] is None:
            self._drawn = shown, self._draw(size.columns, size.rows)
        return self._drawn[1]  # type: ignore[return-value]

    def _layout(self) -> Layout:
        def column(lines: Callable[[Picture], list[Line]], place: int) -> Window:
            return Window(FormattedTextControl(lambda: _joined(lines(self._now()))), width=lambda: self._now().widths[place])

        def edge() -> Window:
            return Window(width=1, char="│", style="class:edge")

        body = VSplit([column(lambda p: p.left, 0), edge(), column(lambda p: p.middle, 1), edge(), column(lambda p: p.right, 2)])
        line = Window(BufferControl(self._buffer, input_processors=[BeforeInput("> ", style="class:strong")]), height=2, wrap_lines=True)
        return Layout(HSplit([
            Window(FormattedTextControl(lambda: self._now().title), height=1), body,
            Window(FormattedTextControl(lambda: self._now().notice), height=1), line,
            Window(FormattedTextControl(KEYS_LINE), height=1, style="class:keys")]), focused_element=line)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        def bind(name: str) -> None:
            @keys.add(name)
            def _(_: KeyPressEvent) -> None:
                self._on_key(name)

        def number(digit: str) -> None:
            @keys.add("escape", digit)
            def _(_: KeyPressEvent) -> None:
                self._on_number(digit)

        for name in KEYS:
            bind(name)
        for digit in range(1, _SEATS + 1):
            number(str(digit))

        @keys.add("c-l")
        def _(event: KeyPressEvent) -> None:
            event.app.renderer.clear()

        return keys


def _joined(lines: list[Line]) -> StyleAndTextTuples:
    joined: StyleAndTextTuples = []
    for line in lines:
        joined += [*line, ("", "\n")]
    return joined[:-1]
