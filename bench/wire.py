"""Requests of the gRPC API, encoded by hand: the load generators need no stubs."""
import struct


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, payload):
    if isinstance(payload, str):
        payload = payload.encode()
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def model_spec(name, signature=""):
    return field(1, name) + (field(3, signature) if signature else b"")


def floats(*values):
    """DT_FLOAT of shape [n]."""
    return b"\x08\x01" + field(2, field(2, b"\x08" + varint(len(values)))) + field(5, struct.pack(f"<{len(values)}f", *values))


def predict(model, alias, *values):
    return field(1, model_spec(model)) + field(2, field(1, alias) + field(2, floats(*values)))


def example(name, value):
    """Input with one Example of one float."""
    feature = field(2, field(1, struct.pack("<f", value)))
    return field(1, field(1, field(1, field(1, field(1, name) + field(2, feature)))))


def classify(model, signature, name, value):
    """Also a RegressionRequest."""
    return field(1, model_spec(model, signature)) + field(2, example(name, value))


def multi_inference(model, tasks, name, value):
    return b"".join(field(1, field(1, model_spec(model, signature)) + field(2, method)) for signature, method in tasks) + field(2, example(name, value))


def metadata(model):
    return field(1, model_spec(model)) + field(2, "signature_def")


def status(model):
    return field(1, model_spec(model))


def reload(models):
    """models: name to base path."""
    return field(1, field(1, b"".join(field(1, field(1, name) + field(2, path) + field(4, "tensorflow")) for name, path in models.items())))
