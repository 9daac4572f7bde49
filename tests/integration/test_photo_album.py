"""Photos in the database and on the disk: kept with their act or not at all, never twice, never without a file, under the newest key."""

from __future__ import annotations

import hashlib
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Sequence

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError

import cli.secret_keys
import core.db
from cli import main
from core.cipher import Cipher, KeysFaulty, add_key, drop_old_keys, load_cipher
from core.clock import system_clock
from core.db import Database, migrate
from core.settings import Settings
from tests.support.office import AT, request, service_of, settings_of
from tests.support.pictures import photo, with_archive, with_exif
from tickets.acting import Acting
from tickets.bootstrap import build_album
from tickets.change import Change
from tickets.doing import Actor
from tickets.errors import TicketError, TicketNotFound
from tickets.model import ActRefused, TicketType
from tickets.photos.album import NOTE, Album
from tickets.photos.errors import PhotoNotFound, PhotoRefused, PhotoUnreadable, ScannerAway, TooManyPhotos
from tickets.photos.photo import Photo
from tickets.photos.sweeping import PAUSE, Sweeping
from tickets.photos.vault import SHARDS, Vault
from tickets.service import TicketService
from tickets.store.photos import SqlPhotos, ticket_photos
from tickets.store.tables import outbox
from tickets.vocabulary import Act, Role, Status

pytest_plugins = ("tests.support.ticket_store",)
SENT = photo(400, 300)
DAY = timedelta(days=1)


@pytest.fixture
def settings(url: str, key_file: Path, tmp_path: Path) -> Settings:
    return settings_of(tmp_path, url, keys_file=key_file)


@pytest.fixture
def service(database: Database, settings: Settings) -> TicketService:
    return service_of(settings)


@pytest.fixture
def album(service: TicketService, settings: Settings) -> Album:
    return build_album(settings, service)


@pytest.fixture
def number(service: TicketService) -> str:
    return service.open(request(1), AT).ticket.number


def files(settings: Settings) -> list[Path]:
    """Every file of a photo, and every piece of one."""
    return sorted((settings.data_dir / "photos").glob("??/*"))


def nothing_kept(album: Album, settings: Settings, number: str) -> bool:
    return not album.of(number) and not files(settings) and Act.SUPPLEMENT not in [entry.act for entry in album.acting.repository.trail(number)]


# --- kept ------------------------------------------------------------------------------------------------------------
def test_a_photo_is_kept_whole_and_noted_in_the_trail(album: Album, service: TicketService, database: Database, settings: Settings,
                                                      number: str) -> None:
    kept = album.attach(number, SENT, "r1", AT)
    assert (kept.number, kept.media_type, kept.width, kept.height, kept.at) == (number, "image/jpeg", 400, 300, AT)
    assert album.of(number) == [kept]
    found, data = album.shown(number, kept.id)
    assert (found, len(data), hashlib.sha256(data).hexdigest()) == (kept, kept.bytes, kept.sha256)
    last, ticket = service.trail(number)[-1], service.repository.find(number)
    assert ticket and (last.act, last.role, last.note, ticket.supplements) == (Act.SUPPLEMENT, Role.CALLER, NOTE, 1)
    with database.read() as connection:
        assert "ticket.supplemented" in {row.name for row in connection.execute(select(outbox.c.name).where(outbox.c.number == number))}


def test_on_the_disk_a_photo_is_encrypted_under_a_name_of_its_own_for_its_owner_alone(album: Album, settings: Settings, number: str) -> None:
    kept = album.attach(number, SENT, "../../evil", AT)
    [file] = files(settings)
    assert file == settings.data_dir / "photos" / kept.id[:2] / kept.id
    assert b"JFIF" not in file.read_bytes() and b"JFIF" in album.shown(number, kept.id)[1]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]


def test_place_and_archive_are_not_even_on_the_disk(album: Album, number: str) -> None:
    kept = album.attach(number, with_archive(with_exif()), None, AT)
    data = album.shown(number, kept.id)[1]
    assert b"Canon" not in data and b"PK\x03\x04" not in data and b"Exif" not in data


def test_the_same_request_again_is_the_same_photo(album: Album, service: TicketService, settings: Settings, number: str) -> None:
    first = album.attach(number, SENT, "r1", AT)
    assert album.attach(number, photo(9, 9), "r1", AT + DAY) == first == album.expect(number, "r1", AT)
    assert (len(files(settings)), len(service.trail(number))) == (1, 3)
    assert album.attach(number, SENT, "r2", AT) != first
    assert len({album.attach(number, SENT, None, AT).id for _ in range(2)}) == 2, "without an id every photo is a new one"


def test_another_ticket_may_use_the_same_id(album: Album, service: TicketService, number: str) -> None:
    other = service.open(request(2), AT).ticket.number
    assert album.attach(number, SENT, "r1", AT).id != album.attach(other, SENT, "r1", AT).id


def test_the_database_itself_keeps_a_request_from_bringing_two(album: Album, database: Database, number: str) -> None:
    kept = album.attach(number, SENT, "r1", AT)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(ticket_photos), {**vars(kept), "id": "0" * 32})


class Meeting:
    """Files that let two senders go on only when both have written theirs."""

    def __init__(self, files: Any) -> None:
        self.files = files
        self.barrier = threading.Barrier(2)

    def put(self, id: str, data: bytes) -> None:
        self.files.put(id, data)
        self.barrier.wait(60)

    def get(self, id: str) -> bytes | None:
        return self.files.get(id)  # type: ignore[no-any-return]

    def remove(self, name: str) -> None:
        self.files.remove(name)


def at_once(album: Album, number: str, *request_ids: str | None) -> list[Photo | Exception]:
    """What two senders get who send at the same moment."""
    album = replace(album, files=Meeting(album.files))
    got: list[Photo | Exception] = []

    def send(request_id: str | None) -> None:
        try:
            got.append(album.attach(number, SENT, request_id, AT))
        except Exception as error:
            got.append(error)

    senders = [threading.Thread(target=send, args=(request_id,)) for request_id in request_ids]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return got


def test_the_same_request_twice_at_once_brings_one_photo(album: Album, settings: Settings, number: str) -> None:
    one, other = at_once(album, number, "r1", "r1")
    assert isinstance(one, Photo) and one == other
    assert album.of(number) == [one] and len(files(settings)) == 1


def test_two_at_once_cannot_both_have_the_last_place(album: Album, settings: Settings, number: str) -> None:
    for n in range(5):
        album.attach(number, SENT, f"r{n}", AT)
    got = at_once(album, number, None, None)
    assert {type(one) for one in got} == {Photo, TooManyPhotos}
    assert (album.count(number), len(files(settings))) == (6, 6)
    with pytest.raises(TooManyPhotos):
        album.attach(number, SENT, "r9", AT)
    assert album.attach(number, SENT, "r0", AT).id in {one.id for one in album.of(number)}, "a repeat is still answered"


# --- refused ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("acts", [[(Act.WITHDRAW, Role.CALLER)], [(Act.WITHDRAW, Role.CALLER), (Act.ARCHIVE, Role.OPERATOR)]],
                         ids=["withdrawn", "archived"])
def test_a_ticket_that_is_over_takes_no_photo(album: Album, service: TicketService, settings: Settings, number: str,
                                              acts: list[tuple[Act, Role]]) -> None:
    for act, by in acts:
        service.act(number, act, by=by, at=AT)
    for ask in (lambda: album.expect(number, None, AT), lambda: album.attach(number, SENT, None, AT)):
        with pytest.raises(ActRefused):
            ask()
    assert nothing_kept(album, settings, number)


def test_an_unknown_ticket_takes_no_photo(album: Album) -> None:
    with pytest.raises(TicketNotFound):
        album.attach("2026110599999999", SENT, None, AT)


class ScriptedScanner:
    """Finds, or breaks, as it is told; keeps what it was shown."""

    def __init__(self, outcome: str | None | Exception) -> None:
        self.outcome = outcome
        self.shown: list[bytes] = []

    def scan(self, data: bytes) -> str | None:
        self.shown.append(data)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(("outcome", "refusal"), [("Made-Up.Virus-1", PhotoRefused), (ScannerAway(), ScannerAway)], ids=["found", "away"])
def test_what_the_scanner_does_not_let_pass_is_not_kept(album: Album, settings: Settings, number: str, outcome: Any,
                                                        refusal: type[TicketError]) -> None:
    with pytest.raises(refusal):
        replace(album, scanner=ScriptedScanner(outcome)).attach(number, SENT, None, AT)
    assert nothing_kept(album, settings, number)


def test_the_scanner_sees_the_file_as_it_was_sent(album: Album, number: str) -> None:
    scanner, sent = ScriptedScanner(None), with_archive(SENT)
    replace(album, scanner=scanner).attach(number, sent, None, AT)
    assert scanner.shown == [sent]


def test_what_is_no_picture_is_not_kept(album: Album, settings: Settings, number: str) -> None:
    with pytest.raises(PhotoUnreadable):
        album.attach(number, b"<svg/>", None, AT)
    assert nothing_kept(album, settings, number)


def test_a_photo_whose_act_is_refused_at_the_last_moment_leaves_no_file(album: Album, service: TicketService, settings: Settings,
                                                                        number: str) -> None:
    class Withdrawing(Meeting):
        def put(self, id: str, data: bytes) -> None:
            self.files.put(id, data)
            service.act(number, Act.WITHDRAW, by=Role.CALLER, at=AT)

    with pytest.raises(ActRefused):
        replace(album, files=Withdrawing(album.files)).attach(number, SENT, None, AT)
    assert nothing_kept(album, settings, number)


# --- killed ----------------------------------------------------------------------------------------------------------
class Killed(Exception):
    """Stands for the end of the process."""


class Dying:
    """A repository that dies before it has stored, or after."""

    def __init__(self, whole: Any, stored: bool, error: Exception) -> None:
        self._whole, self._stored, self._error = whole, stored, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)

    def save(self, *changes: Change) -> None:
        if self._stored:
            self._whole.save(*changes)
        raise self._error


def dying(album: Album, stored: bool, error: Exception) -> Album:
    acting: Acting = replace(album.acting, repository=Dying(album.acting.repository, stored, error))  # type: ignore[arg-type]
    return replace(album, acting=acting)


def sweep(album: Album, days: Sequence[int] = (2,)) -> None:
    """Let the worker go through all folders, some days from now."""
    assert isinstance(album.files, Vault)
    for day in days:
        for turn in range(2 * SHARDS):
            at = system_clock() + timedelta(days=day, seconds=turn * PAUSE)
            Sweeping(album.files, album.records, lambda at=at: at).step()  # type: ignore[misc]


def test_dying_between_file_and_row_leaves_a_file_that_is_swept_a_day_later(album: Album, settings: Settings, number: str) -> None:
    kept = album.attach(number, SENT, "r1", AT)
    with pytest.raises(Killed):
        dying(album, False, Killed()).attach(number, SENT, "r2", AT)
    assert (album.of(number), len(files(settings))) == ([kept], 2)
    whole = files(settings)[0]
    whole.with_name(f"{whole.name}.ab.part").write_bytes(b"half")
    sweep(album, [0])
    assert len(files(settings)) == 3, "a day has not gone by: its row may be on its way"
    sweep(album)
    assert [file.name for file in files(settings)] == [kept.id]
    again = album.attach(number, SENT, "r2", AT)
    assert album.shown(number, again.id)[0] == again, "who was never answered sends it again"


def test_a_photo_whose_answer_was_lost_keeps_its_file(album: Album, settings: Settings, number: str) -> None:
    lost = OperationalError("COMMIT", {}, Exception("the link broke"))
    with pytest.raises(OperationalError):
        dying(album, True, lost).attach(number, SENT, "r1", AT)
    [kept] = album.of(number)
    assert album.shown(number, kept.id)[0] == kept == album.attach(number, SENT, "r1", AT)


def test_there_is_nothing_to_sweep_where_no_photo_was_ever_sent(album: Album, settings: Settings) -> None:
    sweep(album)
    assert not (settings.data_dir / "photos").exists()


# --- shown -----------------------------------------------------------------------------------------------------------
def test_a_photo_is_found_under_its_own_ticket_alone(album: Album, service: TicketService, number: str) -> None:
    kept = album.attach(number, SENT, None, AT)
    other = service.open(request(2), AT).ticket.number
    for asked in ((other, kept.id), (number, "0" * 32)):
        with pytest.raises(PhotoNotFound):
            album.shown(*asked)


def test_a_file_that_is_gone_or_another_one_is_not_shown(album: Album, settings: Settings, number: str) -> None:
    one, other = album.attach(number, SENT, None, AT), album.attach(number, photo(8, 8), None, AT)
    paths = {photo.id: settings.data_dir / "photos" / photo.id[:2] / photo.id for photo in (one, other)}
    paths[one.id].write_bytes(paths[other.id].read_bytes())
    paths[other.id].unlink()
    for kept in (one, other):
        with pytest.raises(PhotoNotFound):
            album.shown(number, kept.id)


def test_a_report_takes_photos_too(album: Album, service: TicketService) -> None:
    number = service.open(request(3, type=TicketType.REPORT, phone=None), AT).ticket.number
    assert album.attach(number, SENT, None, AT).number == number


def test_a_question_to_the_caller_may_be_answered_by_a_photo(album: Album, service: TicketService, number: str) -> None:
    ticket = service.repository.find(number)
    assert ticket
    office = Actor(Role.DEPARTMENT, "小张", ticket.department, ticket.office_region)
    for act in (Act.RECEIVE, Act.ASK_CALLER):
        service.act(number, act, by=office, at=AT, note="是哪一盏？")
    album.attach(number, SENT, None, AT)
    answered = service.repository.find(number)
    assert answered and (answered.status, answered.running) == (Status.HANDLING, True)


# --- keys ------------------------------------------------------------------------------------------------------------
def test_photos_are_renewed_with_the_keys(album: Album, settings: Settings, key_file: Path, number: str, service: TicketService) -> None:
    kept, before = album.attach(number, SENT, None, AT), key_file.read_bytes()
    data = album.shown(number, kept.id)[1]
    renewed = cli.secret_keys.renew_keys(main.console, settings, False)
    assert (renewed.added, renewed.dropped) == (True, 1)
    assert album.shown(number, kept.id)[1] == data, "who runs goes on reading"
    assert build_album(settings, service).shown(number, kept.id)[1] == data
    (key_file.parent / "old.keys").write_bytes(before)
    with pytest.raises(KeysFaulty):
        Vault(settings.data_dir / "photos", load_cipher(key_file.parent / "old.keys")).get(kept.id)


def test_renewal_passes_over_pieces_and_is_done_once(tmp_path: Path, key_file: Path) -> None:
    vault = Vault(tmp_path / "photos", load_cipher(key_file))
    for n in range(3):
        vault.put(f"{n:032x}", b"photo %d" % n)
    (tmp_path / "photos" / "00" / "half.part").write_bytes(b"half")
    add_key(key_file)
    assert (vault.renew(), vault.renew()) == (3, 0)
    drop_old_keys(key_file)
    assert [Vault(tmp_path / "photos", load_cipher(key_file)).get(f"{n:032x}") for n in range(3)] == [b"photo 0", b"photo 1", b"photo 2"]


class Dawdling(Cipher):
    """Encrypts, and then takes its time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.encrypted, self.go = threading.Event(), threading.Event()

    def hide_bytes(self, data: bytes) -> bytes:
        token = super().hide_bytes(data)
        self.encrypted.set()
        assert self.go.wait(60)
        return token


def test_renewal_waits_for_who_still_writes_under_the_older_key(tmp_path: Path, key_file: Path) -> None:
    folder = tmp_path / "photos"
    load_cipher(key_file)
    slow = Dawdling(key_file)
    writer = threading.Thread(target=Vault(folder, slow).put, args=("a" * 32, b"photo"))
    writer.start()
    assert slow.encrypted.wait(60)
    add_key(key_file)
    written: list[int] = []
    renewal = threading.Thread(target=lambda: written.append(Vault(folder, load_cipher(key_file)).renew()))
    renewal.start()
    renewal.join(0.3)
    assert renewal.is_alive()
    slow.go.set()
    writer.join()
    renewal.join()
    drop_old_keys(key_file)
    assert (written, Vault(folder, load_cipher(key_file)).get("a" * 32)) == ([1], b"photo")


# --- the schema ------------------------------------------------------------------------------------------------------
def test_the_table_comes_and_goes_with_its_migration(database: Database, url: str, cipher: Cipher) -> None:
    def tables() -> set[str]:
        with database.read() as connection:
            return set(inspect(connection).get_table_names())

    assert "ticket_photos" in tables()
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(core.db.__file__).parent / "migrations"))
        config.attributes.update(connection=connection, cipher=cipher)
        command.downgrade(config, "0012")
    assert "ticket_photos" not in tables() and "tickets" in tables()
    migrate(url, cipher)
    assert SqlPhotos(database).of("2026110500000001") == []
