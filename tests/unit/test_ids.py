from datetime import date

from core.ids import new_id, ticket_number


def test_a_ticket_number_is_the_day_and_eight_random_digits() -> None:
    asked: list[int] = []

    def below(limit: int) -> int:
        asked.append(limit)
        return 42

    assert ticket_number(date(2026, 11, 5), below) == "2026110500000042"
    assert asked == [100_000_000]


def test_a_ticket_number_can_be_keyed_on_a_phone() -> None:
    number = ticket_number(date(2026, 1, 2))
    assert len(number) == 16
    assert number.isdigit()
    assert number.startswith("20260102")


def test_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
