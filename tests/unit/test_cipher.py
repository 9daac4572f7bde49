"""Keys of personal columns: what they hide, how they rotate, and that nothing is lost on the way."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core.cipher import Cipher, KeysFaulty, RenewalRuns, add_key, drop_old_keys, key_count, load_cipher, renewing

BLIND = "blind " + "ab" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "personal.keys"


def token(cipher: Cipher, value: str = "王建国") -> str:
    return str(cipher.hide(value))


@pytest.mark.parametrize("value", ["王建国", "", "😀", "\ud800", "13812345678" * 50])
def test_what_is_hidden_is_shown_again_and_cannot_be_read(path: Path, value: str) -> None:
    cipher = load_cipher(path)
    hidden = token(cipher, value)
    assert cipher.show(hidden) == value
    assert not value or value not in hidden
    assert hidden != token(cipher, value), "equal values do not look equal"


def test_nothing_stays_nothing(path: Path) -> None:
    cipher = load_cipher(path)
    assert (cipher.hide(None), cipher.show(None), cipher.index(None)) == (None, None, None)


def test_a_missing_file_is_made_once_for_its_owner_alone(path: Path) -> None:
    hidden = token(load_cipher(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_cipher(path).show(hidden) == "王建国"
    assert [file.name for file in path.parent.iterdir()] == ["personal.keys"]


def test_those_who_start_together_agree_on_one_file(path: Path) -> None:
    found: list[Cipher] = []
    starters = [threading.Thread(target=lambda: found.append(load_cipher(path))) for _ in range(8)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    hidden = token(found[0])
    assert [cipher.show(hidden) for cipher in found] == ["王建国"] * 8


@pytest.mark.parametrize("content", [
    "", BLIND, Fernet.generate_key().decode(), f"{BLIND}\nno key", f"blind xyz\n{Fernet.generate_key().decode()}", f"{BLIND}\n{BLIND}\n",
    f"{BLIND}\n密钥\n", f"# {Fernet.generate_key().decode()}\n{BLIND}\n",
], ids=["empty", "no key", "no blind key", "no such key", "no such blind key", "two blind keys", "no ascii", "only a comment"])
def test_a_file_without_usable_keys_is_refused_and_left_as_it_is(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    for use in (load_cipher, add_key, drop_old_keys, key_count):
        with pytest.raises(KeysFaulty) as fault:
            use(path)
        assert not any(line in str(fault.value) for line in content.splitlines() if len(line) > 6), "no key is shown"
    assert path.read_text(encoding="utf-8") == content


def test_another_key_reads_nothing(path: Path, tmp_path: Path) -> None:
    hidden = token(load_cipher(path))
    other = load_cipher(tmp_path / "other.keys")
    for use in (other.show, other.renew):
        for value in (hidden, "no token", "密"):
            with pytest.raises(KeysFaulty):
                use(value)


def test_the_blind_index_is_the_same_in_every_process_and_after_a_rotation(path: Path, tmp_path: Path) -> None:
    before = load_cipher(path).index("13812345678")
    add_key(path)
    drop_old_keys(path)
    assert load_cipher(path).index("13812345678") == before
    assert load_cipher(tmp_path / "other.keys").index("13812345678") != before
    assert load_cipher(path).index("13812345679") != before


def test_a_running_process_writes_with_a_new_key_at_once_and_reads_what_older_ones_wrote(path: Path) -> None:
    running = load_cipher(path)
    before = token(running)
    add_key(path)
    after = token(running)
    drop_old_keys(path)
    started = load_cipher(path)
    assert started.show(after) == "王建国"
    with pytest.raises(KeysFaulty):
        started.show(before)
    assert running.show(before) == "王建国", "a row fetched before the drop can still be shown"


def test_what_another_process_wrote_under_a_new_key_is_read(path: Path) -> None:
    running = load_cipher(path)
    add_key(path)
    assert running.show(token(load_cipher(path))) == "王建国"


def test_renewing_a_token_keeps_the_secret_and_leaves_a_fresh_one_alone(path: Path) -> None:
    cipher = load_cipher(path)
    before = token(cipher)
    assert cipher.renew(before) == before
    add_key(path)
    after = cipher.renew(before)
    assert after != before
    assert cipher.renew(after) == after
    drop_old_keys(path)
    assert load_cipher(path).show(after) == "王建国"


def test_keys_are_counted_added_in_front_and_dropped_behind(path: Path) -> None:
    load_cipher(path)
    path.write_text("# the city's own note\n" + path.read_text())
    add_key(path)
    add_key(path)
    newest = path.read_text().splitlines()[0]
    assert (key_count(path), drop_old_keys(path), key_count(path), drop_old_keys(path)) == (3, 2, 1, 0)
    assert newest in path.read_text().splitlines()
    assert "# the city's own note" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("broken"),
                                  lambda path: path.write_text(f"{BLIND}\n{Fernet.generate_key().decode()}\n")],
                         ids=["gone", "broken", "another installation's"])
def test_a_running_process_goes_on_with_its_keys_when_the_file_is_spoilt(path: Path, harm) -> None:  # type: ignore[no-untyped-def]
    running, content = load_cipher(path), path.read_text()
    harm(path)
    hidden = token(running)
    path.write_text(content)
    assert load_cipher(path).show(hidden) == "王建国"


def test_keys_are_renewed_by_one_process_at_a_time(path: Path) -> None:
    load_cipher(path)
    with renewing(path), pytest.raises(RenewalRuns), renewing(path):
        raise AssertionError("two at once")
    with renewing(path):
        pass


def test_a_cipher_does_not_print_its_keys(path: Path) -> None:
    cipher = load_cipher(path)
    assert not any(line in repr(vars(cipher)["_keys"]) + repr(cipher) for line in path.read_text().split())
