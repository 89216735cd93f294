"""rescast's side of gpu_peers.py: the networks' modules, generated folders, the functions of their libraries."""
import concurrent.futures, copy, ctypes, json, os, shutil, subprocess, time
import numpy as np, torch
from cpu_peers import write_inputs
from networks import NETWORKS

# ---- modules ----

def build_module(name, device):
    """Random weights with the statistics that they lead to, and blocks that add little to their input, as in a trained
    network: others magnify the rounding errors of 16 bits a hundred times."""
    build, shape, _ = NETWORKS[name]
    torch.manual_seed(1)
    module = build()
    norms = {n: m for n, m in module.named_modules() if isinstance(m, (torch.nn.BatchNorm2d, torch.nn.BatchNorm3d))}
    last = "bn3" if any(n.endswith("bn3") for n in norms) else "bn2"
    for n, m in norms.items():
        torch.nn.init.uniform_(m.weight, *((0.1, 0.3) if n.endswith(last) else (0.5, 1.5)))
        torch.nn.init.normal_(m.bias, 0, 0.1)
        m.momentum = None
    module.to(device)
    if norms:
        with torch.no_grad():
            module.train()(torch.randn(2, *shape, device=device))
    return module.eval()


def norm_of(name):
    """The batch normalisation behind a convolution, in torchvision's and MATLAB's names."""
    return name[:-1] + "1" if name.endswith("downsample.0") else name[:name.rfind("conv")] + name[name.rfind("conv"):].replace("conv", "bn")


def fold(module):
    """A copy whose convolutions have the batch normalisation behind them in their weights."""
    module = copy.deepcopy(module)
    parts = dict(module.named_modules())
    for name, conv in parts.items():
        norm = parts.get(norm_of(name)) if isinstance(conv, (torch.nn.Conv2d, torch.nn.Conv3d)) else None
        if norm:
            module.set_submodule(name, torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm))
            module.set_submodule(norm_of(name), torch.nn.Identity())
    left = [n for n, m in module.named_modules() if isinstance(m, (torch.nn.BatchNorm2d, torch.nn.BatchNorm3d))]
    assert not left, f"not folded: {left}"
    return module.requires_grad_(False)


def make_input(name, batch, device):
    generator = torch.Generator().manual_seed(2)
    return torch.randn(batch, *NETWORKS[name][1], generator=generator).to(device)


def relative_l2(y, reference):
    y, reference = y.double().flatten(), reference.double().flatten()
    return float((y - reference).norm() / reference.norm())


# ---- generated folders ----

def folder_of(root, case, a):
    return os.path.join(root, f"{case[0]}_b{case[1]}_{a.precision}")


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{words[0]} {words[1]}: {((done.stderr or done.stdout).strip().splitlines() or [done.returncode])[-1]}")


def cast(case, folder, a):
    """Generate FOLDER/net and compile it, or give the weights to one that is compiled. Seconds."""
    start = time.perf_counter()
    if a.prebuilt:
        shutil.copytree(folder_of(a.prebuilt, case, a), folder, dirs_exist_ok=True)
        command(*a.rescast.split(), "pack", f"{folder}/net", "-w", f"{folder}/weights.safetensors")
    else:
        command(*a.rescast.split(), "generate", f"{folder}/options.yaml", "-o", f"{folder}/net", "-w", f"{folder}/weights.safetensors",
                "-t", "cuda", "--precision", a.precision, "--set", f"batch={case[1]}", *a.generate.split())
        build = ["make", "-s", f"-j{os.cpu_count()}", "-C", f"{folder}/net", f"SMS={a.sms}", "net", "libnet.so"]
        command(*build, *(["NVCC="] if a.device == "cpu" and not a.export else []))
    return time.perf_counter() - start


def prepare(cases, root, a):
    """Modules, one for each network, and a future for each case's folder: casting runs beside the measurements' set-up."""
    device = "cpu" if a.export else a.device
    modules = {name: build_module(name, device) for name in dict.fromkeys(n for n, _ in cases)}
    pool, futures = concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 4)), {}
    for case in cases:
        folder = folder_of(root, case, a)
        os.makedirs(folder, exist_ok=True)
        write_inputs(case[0], modules[case[0]], folder)
        futures[case] = pool.submit(cast, case, folder, a)
    return modules, futures


def wait_for(futures):
    """The cases that were cast; what went wrong with others is told."""
    built = set()
    for case, future in futures.items():
        try:
            print(f"{case[0]}, batch {case[1]}: generated and compiled in {future.result():.1f} s", flush=True)
            built.add(case)
        except (RuntimeError, OSError) as error:
            print(f"{case[0]}, batch {case[1]}: not built: {error}", flush=True)
    return built


# ---- folders for another machine ----

def carry_libraries(program, a):
    """What PROGRAM is linked with and another machine may lack."""
    for line in subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.splitlines():
        name, _, path = line.strip().partition(" => ")
        if path.startswith("/") and name.split(".")[0] not in ("libc", "libm", "libdl", "libpthread", "librt", "libresolv"):
            shutil.copy(path.split()[0], f"{a.export}/lib/{name}")


def carry_rescast(a):
    """The generator; --prebuilt finds it."""
    program = shutil.which(a.rescast.split()[0])
    os.makedirs(f"{a.export}/lib", exist_ok=True)
    shutil.copy(program, f"{a.export}/lib/rescast")
    carry_libraries(program, a)


def carried_rescast(folder):
    return f"env LD_LIBRARY_PATH={os.path.abspath(folder)}/lib {os.path.abspath(folder)}/lib/rescast"


def export(cases, a):
    """What is needed there: programs and manifests. The weights, many times as large, are made there."""
    for case in cases:
        shutil.rmtree(folder_of(a.export, case, a), ignore_errors=True)
    _, futures = prepare(cases, a.export, a)
    built = wait_for(futures)
    for case in cases:
        folder = folder_of(a.export, case, a)
        os.makedirs(f"{folder}/kept")
        for f in ("net", "libnet.so", "net.json") if case in built else ():
            os.rename(f"{folder}/net/{f}", f"{folder}/kept/{f}")
        shutil.rmtree(f"{folder}/net", ignore_errors=True)
        os.rename(f"{folder}/kept", f"{folder}/net")
        os.unlink(f"{folder}/weights.safetensors")
    carry_rescast(a)
    for case in built:
        carry_libraries(f"{folder_of(a.export, case, a)}/net/net", a)
    print(f"{len(built)} of {len(cases)} cases in {a.export}")
    return len(built) == len(cases)


# ---- libraries ----

class Library:
    """The functions of libnet.so. What they fill in is opaque: room for any of it."""

    def __init__(self, folder):
        self.folder, self.library = folder, ctypes.CDLL(os.path.abspath(f"{folder}/libnet.so"))
        self.library.rescast_cuda_message.restype = self.library.rescast_strerror.restype = ctypes.c_char_p
        self.weights, self.model, self.context = (ctypes.create_string_buffer(1 << 16) for _ in range(3))

    def call(self, name, *arguments):
        error = getattr(self.library, name)(*arguments)
        if error:
            words = self.library.rescast_cuda_message() or self.library.rescast_strerror(error)
            raise RuntimeError(f"{name}: {words.decode()}")


class Ours(Library):
    """On the GPU."""

    def __init__(self, folder, x, y):
        super().__init__(folder)
        self.arrays = [ctypes.c_void_p(t.data_ptr()) for t in (x, y)]
        self.call("net_cuda_weights_map", self.weights, f"{folder}/net.weights".encode())
        self.call("net_cuda_load", self.model, self.weights, x.device.index or 0)
        self.library.rescast_weights_unmap(self.weights)
        self.call("net_cuda_init", self.context, self.model, None)

    def run(self):
        self.call("net_run_cuda", self.context, *self.arrays, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream))

    def close(self):
        self.library.net_cuda_free(self.context)
        self.library.rescast_cuda_unload(self.model)


def run_on_cpu(folder, x, y):
    """The target c."""
    library = Library(folder)
    arena_bytes = json.load(open(f"{folder}/net.json"))["arena_bytes"]
    arena = np.zeros(arena_bytes + 64, np.uint8)
    library.call("net_weights_map", library.weights, f"{folder}/net.weights".encode())
    library.call("net_init", library.context, library.weights, ctypes.c_void_p(arena.ctypes.data + -arena.ctypes.data % 64),
                 ctypes.c_size_t(arena_bytes), None)
    library.call("net_run", library.context, ctypes.c_void_p(x.data_ptr()), ctypes.c_void_p(y.data_ptr()))
    library.library.net_free(library.context)
