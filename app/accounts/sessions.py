"""Sign-ins: one row each in PostgreSQL, an opaque signed id in the cookie, a remembered one renewed at every use."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, after_this_request, g, request
from flask import session as form_session
from sqlalchemy import Row, text

from app.core import db, security

DAYS, LONGEST_DAYS, REMEMBER_DAYS = 1, 30, 30
GRACE_SECONDS = 10
LONGEST_AGENT = 300
OPEN = text(
    """
    INSERT INTO user_sessions (user_id, sid_hash, epoch, user_agent, ip, password_given_at, expires_at,
        family, remember_hash, remember_expires_at)
    SELECT u.id, :sid, u.session_epoch, :agent, CAST(:ip AS inet), now(), now() + make_interval(days => :days),
        CAST(:family AS uuid), :remember,
        CASE WHEN CAST(:remember AS text) IS NOT NULL THEN now() + make_interval(days => :remember_days) END
    FROM users u WHERE u.id = :user_id RETURNING id
    """
)
RENEW = text(
    """
    WITH used AS (
        UPDATE user_sessions s SET remember_used_at = now(), revoked_at = now() FROM users u
        WHERE s.remember_hash = :token AND s.remember_used_at IS NULL AND s.revoked_at IS NULL
            AND s.remember_expires_at > now() AND u.id = s.user_id AND u.session_epoch = s.epoch
            AND u.is_active AND u.deleted_at IS NULL
        RETURNING s.user_id, s.epoch, s.family
    )
    INSERT INTO user_sessions (user_id, sid_hash, epoch, user_agent, ip, expires_at, family, remember_hash,
        remember_expires_at)
    SELECT user_id, :sid, epoch, :agent, CAST(:ip AS inet), now() + make_interval(days => :days), family,
        :remember, now() + make_interval(days => :remember_days) FROM used RETURNING user_id
    """
)
JUST_RENEWED = text(
    """
    SELECT 1 FROM user_sessions s JOIN user_sessions n ON n.family = s.family AND n.created_at >= s.remember_used_at
    WHERE s.remember_hash = :token AND s.remember_used_at > now() - make_interval(secs => :grace)
        AND n.user_agent IS NOT DISTINCT FROM :agent AND n.ip IS NOT DISTINCT FROM CAST(:ip AS inet)
    """
)
END_FAMILY_OF_TOKEN = text(
    "UPDATE user_sessions SET revoked_at = now() WHERE revoked_at IS NULL"
    " AND family = (SELECT family FROM user_sessions WHERE remember_hash = :token)"
)
END = text(
    "UPDATE user_sessions SET revoked_at = now() WHERE revoked_at IS NULL AND (sid_hash = :sid"
    " OR family = (SELECT family FROM user_sessions WHERE sid_hash = :sid OR remember_hash = :token LIMIT 1))"
)
END_ONE = text(
    "UPDATE user_sessions SET revoked_at = now() WHERE id = :id AND user_id = :user_id AND revoked_at IS NULL"
    " RETURNING id"
)
END_ALL = text(
    """
    WITH ended AS (UPDATE user_sessions SET revoked_at = now() WHERE user_id = :user_id AND revoked_at IS NULL)
    UPDATE users SET session_epoch = session_epoch + 1 WHERE id = :user_id
    """
)
SEEN = text(
    """
    UPDATE user_sessions SET last_seen_at = now(), expires_at = greatest(expires_at,
        least(now() + make_interval(days => :days), created_at + make_interval(days => :longest)))
    WHERE id = :id
    """
)
OPEN_ONES = text(
    """
    SELECT s.id, s.user_agent, host(s.ip) AS ip, s.created_at, s.last_seen_at, s.remember_hash IS NOT NULL AS remembered
    FROM user_sessions s JOIN users u ON u.id = s.user_id AND u.session_epoch = s.epoch
    WHERE s.user_id = :user_id AND s.revoked_at IS NULL
        AND (s.expires_at > now() OR s.remember_expires_at > now())
    ORDER BY s.last_seen_at DESC
    """
)
KNOWN_DEVICE = text(
    "SELECT count(*) AS before, count(*) FILTER (WHERE user_agent IS NOT DISTINCT FROM :agent) AS alike"
    " FROM user_sessions WHERE user_id = :user_id"
)


@dataclass(frozen=True)
class Opened:
    """A sign-in that was written: the secrets for the cookies, `remember` None unless it is a lasting one."""

    id: int
    sid: str
    remember: str | None


def write(user_id: int, remember: bool, agent: str | None, ip: str | None) -> Opened:
    """The row of a new sign-in (the caller commits). Raises LookupError when there is no such user."""
    sid = security.new_token()
    lasting = security.new_token() if remember else None
    made = db.scalar(
        OPEN,
        _device(agent, ip)
        | {
            "user_id": user_id,
            "sid": security.digest(sid),
            "family": str(uuid.uuid4()) if lasting else None,
            "remember": security.digest(lasting) if lasting else None,
        },
    )
    if made is None:
        raise LookupError(user_id)
    return Opened(int(made), sid, lasting)


def begin(user_id: int, remember: bool = False) -> Opened:
    """Sign the visitor in: their old session ends, the new one's cookies go out with this answer (caller commits)."""
    _end_own()
    opened = write(user_id, remember, request.user_agent.string, request.remote_addr)
    _fresh_form_session()
    _send(opened.sid, opened.remember)
    if not remember:
        _forget("remember")
    return opened


def end() -> None:
    """Sign the visitor out: session and remembered family are dead, the cookies go (the caller commits)."""
    _end_own()
    _fresh_form_session()
    g.pop("gains_authority", None)
    g.pop("renew_csrf", None)
    for name in ("session", "remember", "csrf"):
        _forget(name)


def end_all(user_id: int) -> None:
    """End every sign-in of a user, remembered ones too (the caller commits)."""
    db.db.session.execute(END_ALL, {"user_id": user_id})


def end_one(user_id: int, session_id: int) -> bool:
    """End one of a user's own sign-ins; False when it is not theirs or over (the caller commits)."""
    return db.scalar(END_ONE, {"user_id": user_id, "id": session_id}) is not None


def renew() -> bool:
    """Sign in again by the remember cookie: a token works once, used twice it ends its whole family.

    Other tabs of the same browser that ask within ten seconds go unanswered, not punished. The caller commits.
    """
    token = opaque("remember")
    if token is None:
        return False
    sid, lasting = security.new_token(), security.new_token()
    facts = _device(request.user_agent.string, request.remote_addr) | {"token": security.digest(token)}
    secrets = {"sid": security.digest(sid), "remember": security.digest(lasting)}
    if db.scalar(RENEW, facts | secrets) is not None:
        _send(sid, lasting)
        g.session_id_of_request = sid
        return True
    if db.scalar(JUST_RENEWED, facts | {"grace": GRACE_SECONDS}) is None:
        db.db.session.execute(END_FAMILY_OF_TOKEN, facts)
        _forget("remember")
    return False


def seen(session_id: int) -> None:
    """Note that a session is in use, which prolongs it (the caller commits)."""
    db.db.session.execute(SEEN, {"id": session_id, "days": DAYS, "longest": LONGEST_DAYS})


def open_ones(user_id: int) -> list[Row[Any]]:
    """A user's sign-ins that still work, the latest used first."""
    return list(db.rows(OPEN_ONES, {"user_id": user_id}))


def is_new_device(user_id: int, agent: str | None) -> bool:
    """Whether somebody who has signed in before now does so with a browser never seen on this account."""
    found = db.row(KNOWN_DEVICE, {"user_id": user_id, "agent": _agent(agent)})
    return bool(found and found.before and not found.alike)


def sid_hash() -> str | None:
    """The digest of the visitor's session id, None without a cookie that we signed."""
    sid = g.get("session_id_of_request") or opaque("session")
    return security.digest(sid) if sid else None


def opaque(name: str) -> str | None:
    """The secret in a signed cookie, None when it is absent or the signature is not ours (no statement)."""
    secret, _, signature = (security.cookie(name) or "").partition(".")
    return secret if secret and security.verify(signature, name, secret) else None


def signed(name: str, secret: str) -> str:
    """The cookie's value for a secret."""
    return f"{secret}.{security.sign(name, secret)}"


def _device(agent: str | None, ip: str | None) -> dict[str, object]:
    return {"agent": _agent(agent), "ip": ip, "days": DAYS, "remember_days": REMEMBER_DAYS}


def _agent(agent: str | None) -> str | None:
    return (agent or "").replace("\x00", "")[:LONGEST_AGENT] or None


def _end_own() -> None:
    sid, token = opaque("session"), opaque("remember")
    if sid or token:
        secrets = {"sid": security.digest(sid or ""), "token": security.digest(token or "")}
        db.db.session.execute(END, secrets)
    g.pop("session_id_of_request", None)
    g.pop("_login_user", None)


def _fresh_form_session() -> None:
    """A new CSRF seed: what a page learnt before signing in or out is worth nothing afterwards."""
    form_session.clear()
    g.pop("csrf_token", None)


def _send(sid: str, lasting: str | None) -> None:
    g.gains_authority = g.renew_csrf = True

    @after_this_request
    def put(response: Response) -> Response:
        if response.status_code < 500:
            security.set_cookie(response, "session", signed("session", sid))
        if lasting and response.status_code < 500:
            security.set_cookie(response, "remember", signed("remember", lasting), days=REMEMBER_DAYS)
        return response


def _forget(name: str) -> None:
    if security.cookie(name) is None:
        return

    @after_this_request
    def drop(response: Response) -> Response:
        if response.status_code < 500:
            security.drop_cookie(response, name)
        return response
