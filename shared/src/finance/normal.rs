//! The normal distribution with one and with two variables.

use std::f64::consts::PI;

use super::elementary::{exp, ln};

const INVERSE_ROOT_OF_2_PI: f64 = 0.398_942_280_401_432_7;
const ROOT_OF_2_PI: f64 = 2.506_628_274_631_000_2;

/// The density of the standard normal distribution at `x`.
#[must_use]
pub fn pdf(x: f64) -> f64 {
    INVERSE_ROOT_OF_2_PI * exp_of_half_square(x)
}

/// The probability that a standard normal variable is at most `x`.
///
/// The relative error is some 1e-15 in both tails, down to the least normal number at −37.5. After Cody, *Rational
/// Chebyshev approximations for the error function*, Mathematics of Computation 23 (1969).
#[must_use]
pub fn cdf(x: f64) -> f64 {
    const A: [f64; 5] = [
        0.065_682_337_918_207_45,
        2.235_252_035_460_684,
        161.028_231_068_555_88,
        1_067.689_485_460_371,
        18_154.981_253_343_56,
    ];
    const B: [f64; 5] =
        [1.0, 47.202_581_904_688_245, 976.098_551_737_776_7, 10_260.932_208_618_979, 45_507.789_335_026_73];
    const C: [f64; 9] = [
        1.076_557_677_372_019_2e-8,
        0.398_941_512_088_134_66,
        8.883_149_794_388_377,
        93.506_656_132_177_85,
        597.270_276_394_800_3,
        2_494.537_585_290_372_6,
        6_848.190_450_536_283,
        11_602.651_437_647_35,
        9_842.714_838_383_978,
    ];
    const D: [f64; 9] = [
        1.0,
        22.266_688_044_328_117,
        235.387_901_782_625,
        1_519.377_599_407_554_7,
        6_485.558_298_266_761,
        18_615.571_640_885_097,
        34_900.952_721_145_98,
        38_912.003_286_093_27,
        19_685.429_676_859_992,
    ];
    const P: [f64; 6] = [
        0.023_073_441_764_940_174,
        0.215_898_534_057_957,
        0.127_401_161_160_247_36,
        0.022_235_277_870_649_807,
        0.001_421_619_193_227_893_4,
        2.911_287_495_116_879_3e-5,
    ];
    const Q: [f64; 6] = [
        1.0,
        1.284_260_096_144_911,
        0.468_238_212_480_865_1,
        0.065_988_137_868_928_56,
        0.003_782_396_332_027_582_4,
        7.297_515_550_839_662e-5,
    ];
    let distance = x.abs();
    if distance <= 0.674_489_75 {
        let square = x * x;
        return 0.5 + x * (polynomial(&A, square) / polynomial(&B, square));
    }
    let ratio = if distance <= 5.656_854_249_492_381 {
        polynomial(&C, distance) / polynomial(&D, distance)
    } else {
        let inverse = 1.0 / (x * x);
        (INVERSE_ROOT_OF_2_PI - inverse * polynomial(&P, inverse) / polynomial(&Q, inverse)) / distance
    };
    let tail = if distance > 40.0 { 0.0 } else { exp_of_half_square(distance) * ratio };
    match x {
        _ if x.is_nan() => f64::NAN,
        _ if x < 0.0 => tail,
        _ => 1.0 - tail,
    }
}

/// The number that a standard normal variable stays under with the probability `p`: −∞ at 0, ∞ at 1, and not a number
/// outside of them.
///
/// The relative error is some 1e-16. Wichura, *Algorithm AS 241: The percentage points of the normal distribution*,
/// Applied Statistics 37 (1988), PPND16.
#[must_use]
pub fn inverse_cdf(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return match p {
            0.0 => f64::NEG_INFINITY,
            1.0 => f64::INFINITY,
            _ => f64::NAN,
        };
    }
    let q = p - 0.5;
    if q.abs() <= CENTRAL {
        return central(q);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let root = if tail < f64::MIN_POSITIVE { (-libm::log(tail)).sqrt() } else { (-ln(tail)).sqrt() };
    let distance = if root <= FAR { tail_within(root) } else { tail_beyond(root) };
    if q < 0.0 { -distance } else { distance }
}

/// How far from ½ a probability may lie for [`central`].
pub(crate) const CENTRAL: f64 = 0.425;
/// Up to which root of a negative logarithm [`tail_within`] holds.
pub(crate) const FAR: f64 = 5.0;

/// [`inverse_cdf`] of ½ + `q`, where |q| is at most [`CENTRAL`].
#[inline(always)]
pub(crate) fn central(q: f64) -> f64 {
    const A: [f64; 8] = [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ];
    const B: [f64; 8] = [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ];
    let r = 0.180_625 - q * q;
    q * (polynomial(&A, r) / polynomial(&B, r))
}

/// The distance from 0 where the probability in the tail is e^(−`root`²), and `root` is at most [`FAR`].
#[inline(always)]
pub(crate) fn tail_within(root: f64) -> f64 {
    const C: [f64; 8] = [
        7.745_450_142_783_414e-4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ];
    const D: [f64; 8] = [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ];
    let r = root - 1.6;
    polynomial(&C, r) / polynomial(&D, r)
}

/// The same where `root` is above [`FAR`].
pub(crate) fn tail_beyond(root: f64) -> f64 {
    const E: [f64; 8] = [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ];
    const F: [f64; 8] = [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ];
    let r = root - FAR;
    polynomial(&E, r) / polynomial(&F, r)
}

/// The probability that of two standard normal variables with the correlation `rho`, the first is at most `x` and the
/// second at most `y`. Not a number where `rho` lies outside of −1..1.
///
/// The absolute error is below 1e-14. Genz, *Numerical computation of rectangular bivariate and trivariate normal and t
/// probabilities*, Statistics and Computing 14 (2004), after Drezner and Wesolowsky (1990), with 20 points throughout.
#[must_use]
pub fn bivariate_cdf(x: f64, y: f64, rho: f64) -> f64 {
    if x.is_nan() || y.is_nan() || !(-1.0..=1.0).contains(&rho) {
        return f64::NAN;
    }
    if x.is_infinite() || y.is_infinite() {
        return if x == f64::NEG_INFINITY || y == f64::NEG_INFINITY { 0.0 } else { cdf(x.min(y)) };
    }
    if rho.abs() < 0.925 { by_angle(x, y, rho) } else { near_the_line(x, y, rho) }.clamp(0.0, 1.0)
}

/// The positive points of Gauss and Legendre's rule of 20 on −1..1, with their weights.
const RULE: [(f64, f64); 10] = [
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.912_234_428_251_326, 0.062_672_048_334_109_06),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.636_053_680_726_515, 0.118_194_531_961_518_42),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_63),
    (0.373_706_088_715_419_56, 0.142_096_109_318_382_05),
    (0.227_785_851_141_645_08, 0.149_172_986_472_603_74),
    (0.076_526_521_133_497_33, 0.152_753_387_130_725_85),
];

/// The integral of Plackett's density over the angle whose sine is the correlation.
fn by_angle(x: f64, y: f64, rho: f64) -> f64 {
    let product = x * y;
    let half_squares = (x * x + y * y) / 2.0;
    let angle = libm::asin(rho);
    let mut sum = 0.0;
    for (point, weight) in RULE {
        for point in [-point, point] {
            let sine = libm::sin(angle * (point + 1.0) / 2.0);
            sum += weight * libm::exp((sine * product - half_squares) / (1.0 - sine * sine));
        }
    }
    sum * angle / (4.0 * PI) + cdf(x) * cdf(y)
}

/// The same for a correlation near ±1, as a correction of the value at ±1.
fn near_the_line(x: f64, y: f64, rho: f64) -> f64 {
    let (h, k) = if rho < 0.0 { (-x, y) } else { (-x, -y) };
    let product = h * k;
    let mut sum = 0.0;
    if rho.abs() < 1.0 {
        let rest = (1.0 - rho) * (1.0 + rho);
        let root = rest.sqrt();
        let gap = (h - k) * (h - k);
        let c = (4.0 - product) / 8.0;
        let d = (12.0 - product) / 16.0;
        let exponent = -(gap / rest + product) / 2.0;
        if exponent > -100.0 {
            let series = 1.0 - c * (gap - rest) * (1.0 - d * gap / 5.0) / 3.0 + c * d * rest * rest / 5.0;
            sum = root * libm::exp(exponent) * series;
        }
        if product > -100.0 {
            let distance = gap.sqrt();
            let series = 1.0 - c * gap * (1.0 - d * gap / 5.0) / 3.0;
            sum -= libm::exp(-product / 2.0) * ROOT_OF_2_PI * cdf(-distance / root) * distance * series;
        }
        let half = root / 2.0;
        for (point, weight) in RULE {
            for point in [-point, point] {
                let square = (half * (point + 1.0)) * (half * (point + 1.0));
                let cosine = (1.0 - square).sqrt();
                let exponent = -(gap / square + product) / 2.0;
                if exponent > -100.0 {
                    let exact = libm::exp(-product * (1.0 - cosine) / (2.0 * (1.0 + cosine))) / cosine;
                    sum += half * weight * libm::exp(exponent) * (exact - (1.0 + c * square * (1.0 + d * square)));
                }
            }
        }
        sum = -sum / (2.0 * PI);
    }
    if rho > 0.0 {
        sum + cdf(-h.max(k))
    } else if k > h {
        cdf(k) - cdf(h) - sum
    } else {
        -sum
    }
}

/// e to the power −x²/2, with the part of the square that its rounding loses.
fn exp_of_half_square(x: f64) -> f64 {
    const SPLIT: f64 = 134_217_729.0;
    let scaled = x * SPLIT;
    let high = scaled - (scaled - x);
    let low = x - high;
    let square = x * x;
    let lost = ((high * high - square) + 2.0 * high * low) + low * low;
    if !square.is_finite() {
        return if x.is_nan() { f64::NAN } else { 0.0 };
    }
    exp(-0.5 * square) * (1.0 - 0.5 * lost)
}

/// The polynomial with these coefficients, that of the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let Some((first, rest)) = coefficients.split_first() else { return 0.0 };
    let mut sum = *first;
    for coefficient in rest {
        sum = sum * x + coefficient;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(actual: f64, expected: f64, relative: f64) -> bool {
        (actual - expected).abs() <= relative * expected.abs()
    }

    /// The expected values of these tests come from mpmath with 40 digits.
    #[test]
    fn the_distribution_is_accurate_in_both_tails() {
        for (x, expected) in [
            (-37.0, 5.725_571_222_524_577e-300),
            (-20.0, 2.753_624_118_606_233_7e-89),
            (-8.3, 5.205_569_744_890_254e-17),
            (-5.7, 5.990_371_401_063_528e-9),
            (-5.6, 1.071_759_025_831_092_8e-8),
            (-3.25, 5.770_250_423_907_67e-4),
            (-1.5, 0.066_807_201_268_858_07),
            (-0.7, 0.241_963_652_223_073_03),
            (-0.6, 0.274_253_117_750_073_6),
            (-0.001, 0.499_601_057_786_088_94),
            (0.3, 0.617_911_422_188_952_6),
            (1.0, 0.841_344_746_068_542_9),
            (2.5, 0.993_790_334_674_224),
            (5.0, 0.999_999_713_348_428_1),
        ] {
            assert!(is_near(cdf(x), expected, 2e-15), "cdf({x}) = {}", cdf(x));
        }
        assert_eq!((cdf(f64::NEG_INFINITY), cdf(0.0), cdf(f64::INFINITY)), (0.0, 0.5, 1.0));
        assert!(cdf(f64::NAN).is_nan());
    }

    #[test]
    fn the_inverse_is_accurate_from_the_middle_to_the_farthest_tail() {
        for (p, expected) in [
            (1e-300, -37.047_096_299_361_2),
            (1e-20, -9.262_340_089_798_408),
            (1e-12, -7.034_483_825_301_132),
            (1e-11, -6.706_023_155_495_136),
            (0.001, -3.090_232_306_167_813_5),
            (0.02, -2.053_748_910_631_823),
            (0.0749, -1.440_238_267_527_963_7),
            (0.0751, -1.438_825_392_752_54),
            (0.3, -0.524_400_512_708_040_8),
            (0.6, 0.253_347_103_135_799_7),
            (0.9, 1.281_551_565_544_600_6),
        ] {
            assert!(is_near(inverse_cdf(p), expected, 2e-15), "inverse_cdf({p}) = {}", inverse_cdf(p));
        }
        assert_eq!((inverse_cdf(0.0), inverse_cdf(0.5), inverse_cdf(1.0)), (f64::NEG_INFINITY, 0.0, f64::INFINITY));
        assert!(inverse_cdf(-0.1).is_nan() && inverse_cdf(1.1).is_nan() && inverse_cdf(f64::NAN).is_nan());
    }

    #[test]
    fn two_correlated_variables_have_their_joint_probability() {
        for (x, y, rho, expected) in [
            (0.5, -0.3, 0.3, 0.303_940_488_690_710_35),
            (-1.2, 0.4, -0.6, 0.026_829_812_856_324_666),
            (1.0, 1.0, 0.95, 0.810_819_512_969_196_2),
            (0.2, 0.1, -0.97, 0.124_317_526_203_602_88),
            (-2.0, -1.9, 0.99, 0.021_565_109_639_729_925),
            (-0.5, 0.7, 0.999, 0.308_537_538_725_986_9),
            (1.5, -1.0, -0.93, 0.094_706_194_390_196_18),
        ] {
            let actual = bivariate_cdf(x, y, rho);
            assert!((actual - expected).abs() < 1e-14, "({x}, {y}; {rho}) {actual}, expected {expected}");
        }
    }

    #[test]
    fn at_the_ends_of_the_correlation_one_variable_decides() {
        for (x, y) in [(0.3, -0.4), (-1.0, 2.0), (1.5, 1.5)] {
            assert!(is_near(bivariate_cdf(x, y, 0.0), cdf(x) * cdf(y), 1e-14));
            assert!(is_near(bivariate_cdf(x, y, 1.0), cdf(x.min(y)), 1e-14));
            assert!((bivariate_cdf(x, y, -1.0) - (cdf(x) + cdf(y) - 1.0).max(0.0)).abs() < 1e-14);
            assert_eq!(bivariate_cdf(x, f64::INFINITY, 0.5), cdf(x));
            assert_eq!(bivariate_cdf(f64::NEG_INFINITY, y, 0.5), 0.0);
        }
    }
}
