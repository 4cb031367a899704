//! The module `random`: the Mersenne Twister with CPython's seeding and derived distributions, so that seeded programs give
//! the same numbers.

use jit_riscv::object::Ref;
use num_bigint::BigInt;

use super::{Builtin, b};
use crate::access;
use crate::bytecode::BinaryOp;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Res, bigint, hash, iter, list, numbers, sequence};
use crate::types::T_RANDOM;
use crate::vm::Vm;

/// Words of the state.
const N: usize = 624;
const M: usize = 397;

pub static NEW: Builtin = b!("Random", random_new, 1, 0);

fn random_new(vm: &mut Vm, seed: Ref) -> Res<Ref> {
    let r = vm.new_object(RANDOM);
    let state = vm.new_items(INT_ARRAY, N);
    access::init_ref(r, RANDOM_STATE, state);
    seed_with(vm, r, seed)?;
    Ok(r)
}

fn init_genrand(r: Ref, seed: u32) {
    let state = access::words(access::get_ref(r, RANDOM_STATE));
    state[0] = seed as i64;
    for i in 1..N {
        let before = state[i - 1] as u32;
        state[i] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32) as i64;
    }
    access::set_int(r, RANDOM_INDEX, N as i64);
    access::set_int(r, RANDOM_GAUSS, 0);
}

fn init_by_array(r: Ref, key: &[u32]) {
    init_genrand(r, 19_650_218);
    let state = access::words(access::get_ref(r, RANDOM_STATE));
    let at = |state: &[i64], i: usize| state[i] as u32;
    let (mut i, mut j) = (1, 0);
    for _ in 0..N.max(key.len()) {
        let before = at(state, i - 1);
        let v = (at(state, i) ^ (before ^ (before >> 30)).wrapping_mul(1_664_525))
            .wrapping_add(key[j])
            .wrapping_add(j as u32);
        state[i] = v as i64;
        i += 1;
        j += 1;
        if i >= N {
            state[0] = state[N - 1];
            i = 1;
        }
        if j >= key.len() {
            j = 0;
        }
    }
    for _ in 0..N - 1 {
        let before = at(state, i - 1);
        let v = (at(state, i) ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
        state[i] = v as i64;
        i += 1;
        if i >= N {
            state[0] = state[N - 1];
            i = 1;
        }
    }
    state[0] = 0x8000_0000;
}

/// The next 32 random bits.
fn next_u32(r: Ref) -> u32 {
    let state = access::words(access::get_ref(r, RANDOM_STATE));
    let mut index = access::get_int(r, RANDOM_INDEX) as usize;
    if index >= N {
        for k in 0..N {
            let y = (state[k] as u32 & 0x8000_0000) | (state[(k + 1) % N] as u32 & 0x7fff_ffff);
            let twist = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            state[k] = (state[(k + M) % N] as u32 ^ (y >> 1) ^ twist) as i64;
        }
        index = 0;
    }
    let mut y = state[index] as u32;
    access::set_int(r, RANDOM_INDEX, index as i64 + 1);
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    y ^ (y >> 18)
}

/// A double in [0, 1) of 53 random bits.
fn next_f64(r: Ref) -> f64 {
    let (a, b) = (next_u32(r) >> 5, next_u32(r) >> 6);
    (a as f64 * 67_108_864.0 + b as f64) * (1.0 / 9_007_199_254_740_992.0)
}

/// A random integer of at most 64 bits.
fn bits(r: Ref, k: u32) -> u64 {
    if k <= 32 {
        return if k == 0 { 0 } else { (next_u32(r) >> (32 - k)) as u64 };
    }
    let low = next_u32(r) as u64;
    let high = (next_u32(r) >> (64 - k)) as u64;
    high << 32 | low
}

/// A random integer below n, which is not 0.
fn below(r: Ref, n: u64) -> u64 {
    let k = 64 - n.leading_zeros();
    loop {
        let v = bits(r, k);
        if v < n {
            return v;
        }
    }
}

fn seed_with(vm: &mut Vm, r: Ref, seed: Ref) -> Res<()> {
    if seed.is_null() || seed == vm.none {
        let t =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos()
                as u64;
        init_by_array(r, &[t as u32, (t >> 32) as u32]);
        return Ok(());
    }
    let v = match access::class(seed) {
        INT | BOOL | BIGINT => bigint::value(seed),
        FLOAT => BigInt::from(hash::float_hash(access::float_value(seed)) as u64),
        _ => return Err(vm.not_implemented_error("random.seed() with anything but a number")),
    };
    let (_, key) = v.to_u32_digits();
    init_by_array(r, if key.is_empty() { &[0] } else { &key });
    Ok(())
}

pub static MODULE: NativeModule = NativeModule {
    name: "random",
    functions: &[
        b!("seed", m_seed, 1, 0),
        b!("random", m_random, 0),
        b!("uniform", m_uniform, 2),
        b!("randint", m_randint, 2),
        b!("randrange", m_randrange, 3, 1),
        b!("getrandbits", m_getrandbits, 1),
        b!("choice", m_choice, 1),
        b!("choices", m_choices, *, 1),
        b!("shuffle", m_shuffle, 1),
        b!("sample", m_sample, 2).names(&["population", "k"]),
        b!("gauss", m_gauss, 2, 0).names(&["mu", "sigma"]),
        b!("normalvariate", m_normalvariate, 2, 0).names(&["mu", "sigma"]),
        b!("expovariate", m_expovariate, 1, 0).names(&["lambd"]),
    ],
    value,
    names: &["Random"],
};

fn value(vm: &mut Vm, name: &str) -> Option<Ref> {
    match name {
        "Random" => Some(vm.type_object(T_RANDOM)),
        "_inst" => random_new(vm, Ref::NULL).ok(),
        _ => None,
    }
}

pub static METHODS: &[Builtin] = &[
    b!("seed", seed, 2, 1),
    b!("random", random, 1),
    b!("uniform", uniform, 3),
    b!("randint", randint, 3),
    b!("randrange", randrange, 4, 2),
    b!("getrandbits", getrandbits, 2),
    b!("choice", choice, 2),
    b!("choices", choices, *, 2),
    b!("shuffle", shuffle, 2),
    b!("sample", sample, 3).names(&["population", "k"]),
    b!("gauss", gauss, 3, 1).names(&["mu", "sigma"]),
    b!("normalvariate", normalvariate, 3, 1).names(&["mu", "sigma"]),
    b!("expovariate", expovariate, 2, 1).names(&["lambd"]),
];

/// The generator behind the functions of the module.
fn shared(vm: &mut Vm) -> Ref {
    let name = vm.intern("random");
    match vm.find_module(name) {
        Some(module) => {
            let inst = vm.intern("_inst");
            vm.module_get(module, inst)
        }
        None => vm.none,
    }
}

/// Functions of the module that call the method with the shared generator.
macro_rules! shared_functions {
    ($($name:ident = $method:ident($($arg:ident),*);)*) => {
        $(fn $name(vm: &mut Vm $(, $arg: Ref)*) -> Res<Ref> {
            let r = shared(vm);
            $method(vm, r $(, $arg)*)
        })*
    };
}

shared_functions! {
    m_seed = seed(v);
    m_random = random();
    m_uniform = uniform(a, b);
    m_randint = randint(a, b);
    m_randrange = randrange(a, b, c);
    m_getrandbits = getrandbits(k);
    m_choice = choice(from);
    m_shuffle = shuffle(r2);
    m_sample = sample(from, k);
    m_gauss = gauss(mu, sigma);
    m_normalvariate = normalvariate(mu, sigma);
    m_expovariate = expovariate(lambda);
}

fn seed(vm: &mut Vm, r: Ref, v: Ref) -> Res<Ref> {
    seed_with(vm, r, v)?;
    Ok(vm.none)
}

fn random(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.float(next_f64(r)))
}

fn uniform(vm: &mut Vm, r: Ref, a: Ref, b: Ref) -> Res<Ref> {
    let (a, b) = (numbers::to_float(vm, a)?, numbers::to_float(vm, b)?);
    Ok(vm.float(a + (b - a) * next_f64(r)))
}

/// A random integer below n, of any size.
fn below_any(vm: &mut Vm, r: Ref, n: Ref) -> Ref {
    if !access::is(n, BIGINT) {
        let v = below(r, access::int_value(n) as u64);
        return vm.int(v as i64);
    }
    let n = bigint::value(n);
    loop {
        let v = large_bits(r, n.bits());
        if v < n {
            return bigint::object(vm, &v);
        }
    }
}

fn large_bits(r: Ref, k: u64) -> BigInt {
    let mut digits = Vec::new();
    let mut left = k;
    while left > 0 {
        let v = next_u32(r);
        digits.push(if left < 32 { v >> (32 - left) } else { v });
        left = left.saturating_sub(32);
    }
    BigInt::from_slice(num_bigint::Sign::Plus, &digits)
}

/// `start + randbelow(width) · step`
fn from_width(vm: &mut Vm, r: Ref, start: Ref, width: Ref, step: Ref) -> Res<Ref> {
    let v = below_any(vm, r, width);
    let v = if step.is_null() { v } else { numbers::binary(vm, BinaryOp::Mul, v, step)? };
    numbers::binary(vm, BinaryOp::Add, start, v)
}

fn is_positive(r: Ref) -> bool {
    match access::class(r) {
        BIGINT => access::get_int(r, BIGINT_SIGN) > 0,
        _ => access::int_value(r) > 0,
    }
}

fn randint(vm: &mut Vm, r: Ref, a: Ref, b: Ref) -> Res<Ref> {
    let one = vm.int(1);
    let b = numbers::integer(vm, b)?;
    let stop = numbers::binary(vm, BinaryOp::Add, b, one)?;
    randrange(vm, r, a, stop, Ref::NULL)
}

fn randrange(vm: &mut Vm, r: Ref, a: Ref, b: Ref, c: Ref) -> Res<Ref> {
    let a = numbers::integer(vm, a)?;
    if b.is_null() || b == vm.none {
        if !is_positive(a) {
            return Err(vm.value_error("empty range for randrange()"));
        }
        return Ok(below_any(vm, r, a));
    }
    let b = numbers::integer(vm, b)?;
    let width = numbers::binary(vm, BinaryOp::Sub, b, a)?;
    if c.is_null() {
        if !is_positive(width) {
            let (a, b) = (bigint::digits(a, 10), bigint::digits(b, 10));
            let message = format!("empty range in randrange({a}, {b})");
            return Err(vm.value_error(&message));
        }
        return from_width(vm, r, a, width, Ref::NULL);
    }
    let step = numbers::index(vm, c)?;
    if step == 0 {
        return Err(vm.value_error("zero step for randrange()"));
    }
    let (start, stop) = (numbers::index(vm, a)?, numbers::index(vm, b)?);
    let n = sequence::range_length(start, stop, step);
    if n <= 0 {
        let message = format!("empty range in randrange({start}, {stop}, {step})");
        return Err(vm.value_error(&message));
    }
    let v = below(r, n as u64) as i64;
    Ok(vm.int(start + v * step))
}

fn getrandbits(vm: &mut Vm, r: Ref, k: Ref) -> Res<Ref> {
    let k = numbers::index(vm, k)?;
    if k < 0 {
        return Err(vm.value_error("number of bits must be non-negative"));
    }
    if k < 64 {
        let v = bits(r, k as u32);
        return Ok(vm.int(v as i64));
    }
    let v = large_bits(r, k as u64);
    Ok(bigint::object(vm, &v))
}

fn choice(vm: &mut Vm, r: Ref, from: Ref) -> Res<Ref> {
    let n = sequence::len(vm, from)?;
    if n == 0 {
        return Err(vm.index_error("Cannot choose from an empty sequence"));
    }
    let i = below(r, n as u64);
    let i = vm.int(i as i64);
    sequence::get_item(vm, from, i)
}

fn m_choices(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let r = shared(vm);
    choices_of(vm, r, Arguments::new("choices", args, names), 0)
}

fn choices(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let args = Arguments::new("choices", args, names);
    let r = args.positional[0];
    choices_of(vm, r, args, 1)
}

fn choices_of(vm: &mut Vm, r: Ref, mut args: Arguments, first: usize) -> Res<Ref> {
    args.check(vm, &["weights", "cum_weights", "k"])?;
    let population = list::from_iterable(vm, args.positional[first])?;
    let all = list::items(vm, population);
    let k = match args.take(vm, "k") {
        Some(k) => numbers::index(vm, k)?,
        None => 1,
    };
    let weights = args.positional.get(first + 1).copied().or(args.take(vm, "weights"));
    let cumulative = args.take(vm, "cum_weights");
    let mut sums: Vec<f64> = Vec::new();
    if let Some(given) = cumulative.or(weights) {
        let iterator = iter::iter(vm, given)?;
        let mut total = 0.0;
        while let Some(w) = iter::next(vm, iterator)? {
            let w = numbers::to_float(vm, w)?;
            total = if cumulative.is_some() { w } else { total + w };
            sums.push(total);
        }
        if sums.len() != all.len() {
            return Err(vm.value_error("The number of weights does not match the population"));
        }
        if total <= 0.0 {
            return Err(vm.value_error("Total of weights must be greater than zero"));
        }
    }
    if all.is_empty() {
        return Err(vm.index_error("Cannot choose from an empty population"));
    }
    let mut picked = Vec::new();
    for _ in 0..k {
        let v = next_f64(r);
        let i = match sums.last() {
            None => (v * all.len() as f64) as usize,
            Some(total) => {
                let v = v * total;
                sums[..sums.len() - 1].partition_point(|s| *s <= v)
            }
        };
        picked.push(all[i.min(all.len() - 1)]);
    }
    Ok(list::from_items(vm, &picked))
}

fn shuffle(vm: &mut Vm, r: Ref, x: Ref) -> Res<Ref> {
    if !is_list(access::class(x)) {
        let message = format!("'{}' object does not support item assignment", vm.type_name(x));
        return Err(vm.type_error(&message));
    }
    for i in (1..access::list_size(x)).rev() {
        let j = below(r, i as u64 + 1) as usize;
        let (a, b) = (list::get(vm, x, i), list::get(vm, x, j));
        list::set(vm, x, i, b);
        list::set(vm, x, j, a);
    }
    Ok(vm.none)
}

fn sample(vm: &mut Vm, r: Ref, population: Ref, k: Ref) -> Res<Ref> {
    if matches!(access::class(population), SET | FROZENSET) {
        return Err(vm.type_error("Population must be a sequence.  For dicts or sets, use sorted(d)."));
    }
    let k = numbers::index(vm, k)?;
    let all = list::from_iterable(vm, population)?;
    let mut pool = list::items(vm, all);
    let n = pool.len();
    if k < 0 || k as usize > n {
        return Err(vm.value_error("Sample larger than population or is negative"));
    }
    let k = k as usize;
    // A pool for large samples, a set of what has been taken for small ones, as CPython decides it.
    let mut set_size = 21;
    if k > 5 {
        set_size += 4usize.pow(((k * 3) as f64).log(4.0).ceil() as u32);
    }
    let mut picked = Vec::with_capacity(k);
    if n <= set_size {
        for i in 0..k {
            let j = below(r, (n - i) as u64) as usize;
            picked.push(pool[j]);
            pool[j] = pool[n - i - 1];
        }
    } else {
        let mut taken = std::collections::HashSet::new();
        for _ in 0..k {
            let mut j = below(r, n as u64) as usize;
            while !taken.insert(j) {
                j = below(r, n as u64) as usize;
            }
            picked.push(pool[j]);
        }
    }
    Ok(list::from_items(vm, &picked))
}

fn parameters(vm: &mut Vm, mu: Ref, sigma: Ref) -> Res<(f64, f64)> {
    let mu = if mu.is_null() { 0.0 } else { numbers::to_float(vm, mu)? };
    let sigma = if sigma.is_null() { 1.0 } else { numbers::to_float(vm, sigma)? };
    Ok((mu, sigma))
}

fn gauss(vm: &mut Vm, r: Ref, mu: Ref, sigma: Ref) -> Res<Ref> {
    let (mu, sigma) = parameters(vm, mu, sigma)?;
    let kept = access::get_int(r, RANDOM_GAUSS) as u64;
    access::set_int(r, RANDOM_GAUSS, 0);
    let z = if kept != 0 {
        f64::from_bits(kept)
    } else {
        let angle = next_f64(r) * std::f64::consts::TAU;
        let radius = (-2.0 * (1.0 - next_f64(r)).ln()).sqrt();
        access::set_int(r, RANDOM_GAUSS, (angle.sin() * radius).to_bits() as i64);
        angle.cos() * radius
    };
    Ok(vm.float(mu + z * sigma))
}

fn normalvariate(vm: &mut Vm, r: Ref, mu: Ref, sigma: Ref) -> Res<Ref> {
    let (mu, sigma) = parameters(vm, mu, sigma)?;
    let magic = 4.0 * (-0.5f64).exp() / 2f64.sqrt();
    loop {
        let u1 = next_f64(r);
        let u2 = 1.0 - next_f64(r);
        let z = magic * (u1 - 0.5) / u2;
        if z * z / 4.0 <= -u2.ln() {
            return Ok(vm.float(mu + z * sigma));
        }
    }
}

fn expovariate(vm: &mut Vm, r: Ref, lambda: Ref) -> Res<Ref> {
    let lambda = if lambda.is_null() { 1.0 } else { numbers::to_float(vm, lambda)? };
    if lambda == 0.0 {
        return Err(vm.zero_division("float division by zero"));
    }
    Ok(vm.float(-(1.0 - next_f64(r)).ln() / lambda))
}
