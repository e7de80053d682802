"""Canonical JSON: no white space, sorted keys, UTF-8, integers only; one text for one value."""
import json

INT_MIN, INT_MAX = -2**63, 2**63 - 1


class NotCanonical(ValueError):
    pass


def _object(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise NotCanonical("a key stands there twice")
    return d


def _integer(text):
    n = int(text)
    if not INT_MIN <= n <= INT_MAX:
        raise NotCanonical("an integer is beyond 64 bits")
    return n


def _refuse(text):
    raise NotCanonical("%s is no integer" % text)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse,
                            parse_constant=_refuse, strict=True)
# RFC 8259 leaves two ways to write the control characters: ours are the short ones (\b \f \n \r \t), then \u00XX
_SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_ESCAPES = {c: _SHORT.get(c, "\\u%04X" % c) for c in list(range(32)) + [34, 92]}


def text(value):
    """The canonical text of a value (str)."""
    if isinstance(value, str):
        return '"' + value.translate(_ESCAPES) + '"'
    if value is True or value is False or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(text(v) for v in value) + "]"
    # UTF-8 sorts like code points do
    return "{" + ",".join(text(k) + ":" + text(value[k]) for k in sorted(value)) + "}"


def dump(value):
    return text(value).encode("utf-8")


def load(data):
    """Bytes to a value; NotCanonical when they are not its canonical text."""
    try:
        value, end = _decoder.raw_decode(data.decode("utf-8"))
        again = dump(value)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as e:
        raise NotCanonical("not JSON in UTF-8: %s" % e) from None
    if again != data:
        raise NotCanonical("not in canonical form")
    return value


def load_object(data):
    value = load(data)
    if not isinstance(value, dict):
        raise NotCanonical("not an object")
    return value
