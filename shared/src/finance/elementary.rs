//! The exponential function and the natural logarithm in plain arithmetic.
//!
//! They have the accuracy of `libm`'s, below one unit in the last place (the algorithms of FreeBSD's `e_exp.c` and
//! `e_log.c`), without branches, so that a loop over many numbers runs on the vectors of the machine. Every operation
//! is one of IEEE 754: the same bits everywhere.

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// Added to a number below 2^51, it leaves the nearest whole number in the low bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// e to the power `x`; 0 below −708, infinity above 709.
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    const P1: f64 = f64::from_bits(0x3FC5_5555_5555_553E);
    const P2: f64 = f64::from_bits(0xBF66_C16C_16BE_BD93);
    const P3: f64 = f64::from_bits(0x3F11_566A_AF25_DE2C);
    const P4: f64 = f64::from_bits(0xBEBB_BD41_C5D2_6BF1);
    const P5: f64 = f64::from_bits(0x3E66_3769_72BE_A4D0);
    let rounded = x * std::f64::consts::LOG2_E + ROUNDING;
    let power = rounded - ROUNDING;
    let high = x - power * LN2_HIGH;
    let low = power * LN2_LOW;
    let rest = high - low;
    let square = rest * rest;
    let c = rest - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
    let reduced = 1.0 + (rest * c / (2.0 - c) - low + high);
    let scaled = f64::from_bits(reduced.to_bits().wrapping_add(rounded.to_bits() << 52));
    let scaled = if x < -708.0 { 0.0 } else { scaled };
    if x > 709.0 { f64::INFINITY } else { scaled }
}

/// The natural logarithm of a normal number above 0. What it gives for anything else means nothing.
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    const L1: f64 = f64::from_bits(0x3FE5_5555_5555_5593);
    const L2: f64 = f64::from_bits(0x3FD9_9999_9997_FA04);
    const L3: f64 = f64::from_bits(0x3FD2_4924_9422_9359);
    const L4: f64 = f64::from_bits(0x3FCC_71C5_1D8E_78AF);
    const L5: f64 = f64::from_bits(0x3FC7_4664_96CB_03DE);
    const L6: f64 = f64::from_bits(0x3FC3_9A09_D078_C69F);
    const L7: f64 = f64::from_bits(0x3FC2_F112_DF3E_5244);
    /// The bits of √½, from which the reduced number goes to √2.
    const LEAST: u64 = 0x3fe6_a09e_0000_0000;
    /// 2^52: with a small whole number in its low bits, the whole number is the difference.
    const WHOLE: u64 = 0x4330_0000_0000_0000;
    let shifted = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - LEAST);
    let power = f64::from_bits(WHOLE | (shifted >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
    let reduced = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff).wrapping_add(LEAST));
    let f = reduced - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (L2 + w * (L4 + w * L6));
    let odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
    s * (half_square + (even + odd)) + power * LN2_LOW - half_square + f + power * LN2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn exp_is_within_one_unit_of_the_reference() {
        for step in -69_900..69_900 {
            let x = f64::from(step) * 0.010_123;
            assert!(ulps(exp(x), libm::exp(x)) <= 1, "{x}: {:e} {:e}", exp(x), libm::exp(x));
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!((exp(-800.0), exp(800.0)), (0.0, f64::INFINITY));
    }

    #[test]
    fn ln_is_within_one_unit_of_the_reference() {
        for step in 1..140_000 {
            let x = libm::exp(f64::from(step) * 0.01 - 700.0);
            assert!(ulps(ln(x), libm::log(x)) <= 1, "{x}");
            let near_one = 0.3 + f64::from(step) * 1e-5;
            assert!(ulps(ln(near_one), libm::log(near_one)) <= 1, "{near_one}");
        }
        assert_eq!(ln(1.0), 0.0);
    }
}
