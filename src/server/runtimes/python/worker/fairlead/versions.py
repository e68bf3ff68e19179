"""Versions of packages, ordered and matched as PEP 440 has it; needs no package."""

import re

_VERSION = re.compile(
    r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?
    (?:-(?P<post_only>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_n>\d*))?
    (?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s*(===|~=|==|!=|<=|>=|<|>)\s*(\S+?)\s*")
_STAGES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_NO_STAGE, _ANY_DEV = 3, float("inf")


class Version:
    def __init__(self, text):
        """Raises ValueError for what is no version."""
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"'{text}' is no version")
        part = found.groupdict()
        self.epoch = int(part["epoch"] or 0)
        self.release = [int(number) for number in part["release"].split(".")]
        self.local = [_local(one) for one in re.split(r"[-_.]", part["local"].lower())] if part["local"] else []
        self.post = None if part["post"] is None and part["post_only"] is None else int(part["post_only"] or part["post_n"] or 0)
        self.dev = None if part["dev"] is None else int(part["dev_n"] or 0)
        self.pre = None if part["pre"] is None else (_STAGES[part["pre"].lower()], int(part["pre_n"] or 0))

    @property
    def key(self):
        """Orders versions but for what is local."""
        # 1.0.dev1 comes before 1.0a1.
        stage = (-1, 0) if self.pre is None and self.post is None and self.dev is not None else self.pre or (_NO_STAGE, 0)
        post = -1 if self.post is None else self.post
        return self.epoch, _trimmed(self.release), stage, post, _ANY_DEV if self.dev is None else self.dev

    @property
    def base(self):
        return self.epoch, _trimmed(self.release)


def fits(found, specifiers):
    """Whether a version is what `>=1,<2` asks for. Raises ValueError for what asks nothing that is known."""
    return all([_fits(found, clause) for clause in specifiers.split(",") if clause.strip()])


def _fits(found, clause):
    read = _CLAUSE.fullmatch(clause)
    if read is None:
        raise ValueError(f"'{clause.strip()}' asks for no version")
    operator, text = read.groups()
    if operator == "===":
        return found.strip().lower() == text.lower()
    have = Version(found)
    if text.endswith(".*"):
        if operator not in ("==", "!="):
            raise ValueError(f"'{clause.strip()}' asks for no version")
        return _begins(have, Version(text[:-2])) == (operator == "==")
    want = Version(text)
    if want.local and operator not in ("==", "!="):
        raise ValueError(f"'{clause.strip()}' compares what is local to who built it")
    return _COMPARE[operator](have, want)


def _begins(have, wanted, count=None):
    count = count or len(wanted.release)
    release = have.release + [0] * count
    return have.epoch == wanted.epoch and release[:count] == wanted.release[:count]


def _equal(have, want):
    return have.key == want.key and (not want.local or have.local == want.local)


def _above(have, want):
    # 1.0.post1 is no more than 1.0, in these terms.
    is_post = want.post is None and want.dev is None and have.post is not None and have.pre == want.pre and have.base == want.base
    return have.key > want.key and not is_post


def _below(have, want):
    # Nor is 1.0rc1 less than 1.0.
    is_stable = want.pre is None and want.dev is None
    is_before = is_stable and have.base == want.base and (want.post is None or (have.pre, have.post) == (None, want.post))
    return have.key < want.key and not is_before


def _compatible(have, want):
    if len(want.release) < 2:
        raise ValueError("'~=' asks for a version of two numbers at least")
    return have.key >= want.key and _begins(have, want, len(want.release) - 1)


_COMPARE = {
    "==": _equal,
    "!=": lambda have, want: not _equal(have, want),
    ">=": lambda have, want: have.key >= want.key,
    "<=": lambda have, want: have.key <= want.key,
    ">": _above,
    "<": _below,
    "~=": _compatible,
}


def _trimmed(release):
    """1.0 is 1."""
    kept = list(release)
    while len(kept) > 1 and kept[-1] == 0:
        kept.pop()
    return kept


def _local(part):
    return (1, int(part)) if part.isdigit() else (0, part)
