"""Lessons in the database: written with the act that taught them, decided by supervisors."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping, Sequence

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint, func, insert, select, update
from sqlalchemy.engine import Connection

from core.db import Database, Moment, metadata
from tickets.lessons import Lesson, LessonState

lessons = Table(
    "lessons", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("phrase", String(100), nullable=False),
    Column("wrong_category", String(40), nullable=False),
    Column("wrong_department", String(60), nullable=False),
    Column("category", String(40), nullable=False),
    Column("department", String(60), nullable=False),
    Column("region", String(6)),
    Column("at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("author", String(100), nullable=False),
    Column("decided_at", Moment),
    UniqueConstraint("number", "version", name="lessons_by_act"),
    Index("lessons_by_state", "state", "at"),
)
_NAMES = tuple(column.name for column in lessons.columns)


def keep(connection: Connection, found: Sequence[Lesson]) -> None:
    """Store what an act taught, in the act's own transaction."""
    if found:
        connection.execute(insert(lessons), [_row(lesson) for lesson in found])


class SqlLessons:
    """Lessons over one database; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revision(self) -> tuple[object, int]:
        """Return what changes whenever something is decided: the newest decision, and how many lessons are accepted."""
        newest = select(func.max(lessons.c.decided_at), func.count().filter(lessons.c.state == LessonState.ACCEPTED.value))
        with self._database.read() as connection:
            row = connection.execute(newest).one()
            return row[0], int(row[1])

    def listed(self, state: LessonState | None, limit: int) -> list[Lesson]:
        """Return the newest lessons first, of one state where asked."""
        query = select(lessons).order_by(lessons.c.at.desc(), lessons.c.id.desc()).limit(limit)
        return self._all(query if state is None else query.where(lessons.c.state == state.value))

    def accepted(self) -> list[Lesson]:
        """Return every accepted lesson."""
        return self._all(select(lessons).where(lessons.c.state == LessonState.ACCEPTED.value).order_by(lessons.c.id))

    def find(self, id: int) -> Lesson | None:
        """Return the lesson, or None."""
        found = self._all(select(lessons).where(lessons.c.id == id))
        return found[0] if found else None

    def decide(self, lesson: Lesson, state: LessonState, *, author: str, at: datetime) -> bool:
        """Write down what a supervisor made of a lesson, as `lesson` puts it; False when somebody decided it otherwise meanwhile."""
        decided = {"state": state.value, "author": author[:100], "decided_at": at, "category": lesson.category, "region": lesson.region,
                   "phrase": lesson.phrase}
        unchanged = (lessons.c.id == lesson.id) & (lessons.c.state == lesson.state.value)
        with self._database.write() as connection:
            return bool(connection.execute(update(lessons).where(unchanged).values(decided)).rowcount)

    def _all(self, query: Any) -> list[Lesson]:
        with self._database.read() as connection:
            return [_lesson(row._mapping) for row in connection.execute(query)]


def _row(lesson: Lesson) -> dict[str, Any]:
    return {**{name: getattr(lesson, name) for name in _NAMES if name not in ("id", "state")}, "state": lesson.state.value}


def _lesson(row: Mapping[str, Any]) -> Lesson:
    return Lesson(**{name: row[name] for name in _NAMES if name != "state"}, state=LessonState(row["state"]))
