//! Where pkg-config finds the installed library digits, which is linked and found when the program runs.
use std::process::Command;

fn pkg_config(argument: &str) -> String {
    let out = Command::new("pkg-config").args([argument, "digits"]).output().expect("pkg-config does not run");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("UTF-8").trim().to_string()
}

fn main() {
    let libdir = pkg_config("--variable=libdir");
    println!("cargo:rustc-link-search=native={libdir}");
    println!("cargo:rustc-link-lib=dylib=digits");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{libdir}");
    println!("cargo:rustc-env=DIGITS_WEIGHTS={}", pkg_config("--variable=weights"));
}
