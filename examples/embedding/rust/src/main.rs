//! An image's class by the network digits: `PKG_CONFIG_PATH=PREFIX/lib/pkgconfig cargo run --offline -- three.pgm`.
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};
use std::{env, fs, ptr};

const ABI: c_int = 9;
const UINT8: c_int = 4;

/// The beginning of struct rescast_info, up to the labels.
#[repr(C)]
struct Info {
    abi: c_int,
    names: [*const c_char; 3], // name, version, target
    targets_precision: [*const c_void; 2],
    batch: c_int,
    ranks: [c_int; 2],
    input_shape: [c_int; 4],
    output_shape: [c_int; 4],
    arena_bytes: usize,
    weights_bytes: [usize; 2],
    network: u64,
    output_is_probability: c_int,
    outlier_limit_at: usize,
    input_parameters: [c_int; 2],
    scale: f32,
    mean_and_std: [*const f32; 2],
    resize_interpolation: [c_int; 3],
    labels: *const *const c_char,
    label_count: c_int,
}

#[repr(C)]
struct Elements {
    data: *const c_void,
    element: c_int,
    layout: c_int,
    strides: *const isize,
    prepare: c_int,
}

/// struct rescast_weights: room for it, at least.
#[repr(C)]
struct Weights([u64; 32]);

extern "C" {
    fn rescast_strerror(error: c_int) -> *const c_char;
    fn rescast_arena_alloc(bytes: usize) -> *mut c_void;
    fn rescast_arena_free(arena: *mut c_void, bytes: usize);
    fn rescast_weights_unmap(weights: *mut Weights);
    fn digits_info() -> *const Info;
    fn digits_context_bytes() -> usize;
    fn digits_weights_map(weights: *mut Weights, path: *const c_char) -> c_int;
    fn digits_init(net: *mut u64, weights: *const Weights, arena: *mut c_void, bytes: usize, config: *const c_void) -> c_int;
    fn digits_run_elements(net: *mut u64, input: *const Elements, output: *mut f32) -> c_int;
    fn digits_free(net: *mut u64);
}

fn check(error: c_int) -> Result<(), String> {
    match error {
        0 => Ok(()),
        _ => Err(unsafe { CStr::from_ptr(rescast_strerror(error)) }.to_string_lossy().into_owned()),
    }
}

/// A context with its weights and arena. What lies at the context's address may not move: it is on the heap.
struct Network {
    info: &'static Info,
    context: Vec<u64>,
    weights: Box<Weights>,
    arena: *mut c_void,
}

impl Network {
    fn new(path: &str) -> Result<Network, String> {
        let path = CString::new(path).map_err(|e| e.to_string())?;
        // SAFETY: the structures have room, and drop frees what was made, also where one of the calls fails:
        // a context and weights of zeros may be freed.
        unsafe {
            let info = &*digits_info();
            if info.abi != ABI {
                return Err(format!("the library has ABI {}, not {ABI}", info.abi));
            }
            let context = vec![0; (digits_context_bytes() + 7) / 8];
            let mut net = Network { info, context, weights: Box::new(Weights([0; 32])), arena: ptr::null_mut() };
            check(digits_weights_map(&mut *net.weights, path.as_ptr()))?;
            net.arena = rescast_arena_alloc(info.arena_bytes);
            check(digits_init(net.context.as_mut_ptr(), &*net.weights, net.arena, info.arena_bytes, ptr::null()))?;
            Ok(net)
        }
    }

    /// The scores of a PGM file of the network's size.
    fn run(&mut self, file: &[u8]) -> Result<Vec<f32>, String> {
        let count = |shape: &[c_int; 4]| self.info.batch as usize * shape.iter().map(|&n| n as usize).product::<usize>();
        let head = file.len().checked_sub(count(&self.info.input_shape)).filter(|_| file.starts_with(b"P5"));
        let data = file[head.ok_or("no PGM file of the network's size")?..].as_ptr().cast();
        let mut scores = vec![0.0; count(&self.info.output_shape)];
        let input = Elements { data, element: UINT8, layout: 0, strides: ptr::null(), prepare: 1 };
        // SAFETY: input and output have the network's sizes.
        check(unsafe { digits_run_elements(self.context.as_mut_ptr(), &input, scores.as_mut_ptr()) })?;
        Ok(scores)
    }

    /// The name of the best class.
    fn label(&self, scores: &[f32]) -> String {
        let best = (0..scores.len()).fold(0, |b, i| if scores[i] > scores[b] { i } else { b });
        assert!(best < self.info.label_count as usize);
        // SAFETY: label_count strings, which live as long as the library.
        unsafe { CStr::from_ptr(*self.info.labels.add(best)) }.to_string_lossy().into_owned()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // SAFETY: each of them is ready, or zeros and null.
        unsafe {
            digits_free(self.context.as_mut_ptr());
            rescast_arena_free(self.arena, self.info.arena_bytes);
            rescast_weights_unmap(&mut *self.weights);
        }
    }
}

fn main() -> Result<(), String> {
    let path = env::args().nth(1).ok_or("classify IMAGE.pgm")?;
    let mut net = Network::new(env!("DIGITS_WEIGHTS"))?;
    let scores = net.run(&fs::read(&path).map_err(|e| format!("{path}: {e}"))?)?;
    println!("{}", net.label(&scores));
    Ok(())
}
