"""What the comparisons share: free ports, processes, CPU time, medians, facts about the machine."""
import os, pathlib, platform, socket, subprocess, time, urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid):
    """Resident memory in MB (10^6 bytes): all, and without what is mapped from files."""
    kb = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "RssAnon"):
            kb[name] = int(value.split()[0])
    return kb["VmRSS"] * 1024 / 1e6, kb["RssAnon"] * 1024 / 1e6


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if len(ordered) % 2 else (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2


def spread(values):
    """Median with the smallest and largest in brackets."""
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def start_server(program, flags, log):
    """Starts the server; its REST port answers on its own time."""
    return subprocess.Popen([program, *flags], stdout=log, stderr=log)


def wait_for(url, body, wanted, limit=60, pause=0.0):
    """Asks until the answer holds a text; returns the answer."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body), timeout=5) as answer:
                text = answer.read().decode()
                if wanted in text:
                    return text
        except OSError:
            pass
        time.sleep(pause)
    raise SystemExit(f"{url} never answered {wanted}")


def stop(*processes):
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def load():
    return "%.1f, %.1f, %.1f" % os.getloadavg()


def machine():
    """Facts without names of hosts."""
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return f"{cpu}, {os.cpu_count()} virtual cores, Linux {platform.release().split('-')[0]}, {time.strftime('%Y-%m-%d')}"
