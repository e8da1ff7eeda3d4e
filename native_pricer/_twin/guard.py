"""What forbids any price, and the only way to one. Plain Python; `guard.pxi` says the same in numbers."""

from __future__ import annotations

from native_pricer._twin.listing import Answer, Listing
from native_pricer.words import MAX_MINOR, Clamp, Code, Level


def stop(listing: Listing, now: int, fresh_at: int) -> Code | None:
    """What forbids any price, whatever the rule says."""
    if listing.level is Level.HALTED:
        return Code.HALTED
    if listing.cfg.floor_minor is None:
        return Code.NO_FLOOR
    if now - fresh_at > listing.cfg.max_event_age_s * 1_000_000:
        return Code.STALE
    return Code.PRICE_UNKNOWN if listing.price is None else None


def guard(listing: Listing, wished: Answer, min_move: int, now: int) -> Answer:
    """The only way to a price. Also brings a price back into its band, for which no move is too small."""
    cfg, before, opened = listing.cfg, listing.price, listing.day_open
    assert before is not None
    assert opened is not None
    assert cfg.floor_minor is not None
    ceiling = MAX_MINOR if cfg.ceiling_minor is None else cfg.ceiling_minor
    in_band, wanted, code = cfg.floor_minor <= before <= ceiling, wished.wanted, wished.code
    if wanted is None:
        if in_band:
            return wished
        wanted, code = before, Code.BACK_IN_BAND
    step, day = before * cfg.max_step_bp // 10_000, opened * cfg.max_day_bp // 10_000
    low = max(cfg.floor_minor, before - step, opened - day)
    high = min(ceiling, before + step, opened + day)
    if low > high:
        return wished._replace(code=Code.NO_ROOM)
    to, clamp = wanted, Clamp.NONE
    if wanted < low:
        to, clamp = low, Clamp.FLOOR if low == cfg.floor_minor else Clamp.DAY if low == opened - day else Clamp.STEP
    elif wanted > high:
        to, clamp = high, Clamp.CEILING if high == ceiling else Clamp.DAY if high == opened + day else Clamp.STEP
    reducing, changed = listing.level is Level.REDUCING and to < before, listing.last_change
    if to == before:
        code = Code.AT_TARGET if clamp is Clamp.NONE else Code.AT_LIMIT
    elif reducing:
        code = Code.REDUCING
    elif in_band and abs(to - before) < min_move:
        code = Code.SMALL_MOVE
    elif changed is not None and now - changed < cfg.cooldown_s * 1_000_000:
        code = Code.COOLDOWN
    elif not cfg.floor_minor <= to <= ceiling or abs(to - before) > step or abs(to - opened) > day:
        code = Code.GUARD
    else:
        return wished._replace(code=code, clamp=clamp, to=to)
    return wished._replace(code=code, clamp=clamp)
