//! Our functions as Excel's.

use super::translate::Untranslated;
use super::written::{Piece, Written};

/// An argument of a function.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    Omitted,
    One(Written),
    Many(Many),
}

/// Several values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Many {
    /// The range of cells that they are, if they are one.
    pub(super) range: Option<String>,
    pub(super) elements: Vec<Written>,
}

impl Many {
    /// Those that are there.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.elements.iter().filter_map(|element| match element {
            Written::Blank => None,
            Written::Piece(piece) => Some(piece),
        })
    }

    /// As one argument: a range, an array of constants, or an array that is made of cells.
    fn as_one(&self) -> Result<String, Untranslated> {
        if let Some(range) = &self.range {
            return Ok(range.clone());
        }
        let pieces: Vec<&Piece> = self.pieces().collect();
        if pieces.len() < self.elements.len() {
            return Err("a blank in a list has no place in Excel's arrays".to_owned());
        }
        let texts: Vec<String> = pieces.iter().map(|piece| piece.as_value()).collect();
        if pieces.iter().all(|piece| piece.constant.is_some() || piece.text.starts_with('"')) {
            return Ok(format!("{{{}}}", texts.join(",")));
        }
        let numbers: Vec<String> = (1..=texts.len()).map(|number| number.to_string()).collect();
        Ok(format!("CHOOSE({{{}}},{})", numbers.join(","), texts.join(",")))
    }
}

/// How a function becomes one of Excel's.
enum Way {
    /// The same with the arguments in their places.
    Places(&'static str),
    /// The same over any number of values from this argument on; blanks are left out.
    Values(&'static str, usize),
    /// A formula around the arguments: `{0}` is the first, closed by parentheses where needed; `{3|0}` is the fourth,
    /// or 0 where it is left out.
    Formula(&'static str),
    /// Like [`Way::Places`], of what is TRUE or FALSE in Excel.
    Condition(&'static str),
}

/// `called` with the arguments as they are in Excel.
///
/// # Errors
///
/// Says that Excel has no such function.
pub(super) fn called(name: &str, arguments: &[Argument]) -> Result<Written, Untranslated> {
    match name {
        "first" | "last" => return Ok(end(arguments, name == "first")),
        "cagr" => return cagr(arguments),
        "index" => {
            if let Some(element) = element(arguments) {
                return Ok(element);
            }
        }
        "treasury_shares" => return dilution(arguments, 0).map(|added| added.map_or(Written::Blank, Written::Piece)),
        "diluted_shares" => {
            let Some(Argument::One(Written::Piece(shares))) = arguments.first() else { return Ok(Written::Blank) };
            let added = dilution(arguments, 1)?;
            return Ok(added
                .map_or(Written::Blank, |added| Piece::sum(format!("{}+{}", shares.closed(), added.closed())).into()));
        }
        "diluted_price" => return diluted_price(arguments),
        "interpolate" => return interpolate(arguments),
        _ => {}
    }
    match way(name) {
        None => Err(format!("Excel has no function for {name}")),
        Some(Way::Places(excel)) => places(excel, arguments, Piece::atom),
        Some(Way::Condition(excel)) => places(excel, arguments, Piece::flag),
        Some(Way::Values(excel, from)) => values(excel, from, arguments),
        Some(Way::Formula(formula)) => filled(formula, arguments),
    }
}

fn way(name: &str) -> Option<Way> {
    if let Some((_, excel, from)) = VALUES.iter().find(|(ours, ..)| *ours == name) {
        return Some(Way::Values(excel, *from));
    }
    if let Some((_, formula)) = FORMULAS.iter().find(|(ours, _)| *ours == name) {
        return Some(Way::Formula(formula));
    }
    if let Some((_, excel)) = RENAMED.iter().find(|(ours, _)| *ours == name) {
        return Some(Way::Places(excel));
    }
    let same = PLACES.iter().find(|excel| excel.eq_ignore_ascii_case(name)).map(|excel| Way::Places(excel));
    same.or_else(|| CONDITIONS.iter().find(|excel| excel.eq_ignore_ascii_case(name)).map(|excel| Way::Condition(excel)))
}

/// Functions over any number of values, with the argument from which they are.
const VALUES: &[(&str, &str, usize)] = &[
    ("sum", "SUM", 0),
    ("sumsq", "SUMSQ", 0),
    ("product", "PRODUCT", 0),
    ("min", "MIN", 0),
    ("max", "MAX", 0),
    ("count", "COUNT", 0),
    ("average", "AVERAGE", 0),
    ("avedev", "AVEDEV", 0),
    ("devsq", "DEVSQ", 0),
    ("geomean", "GEOMEAN", 0),
    ("harmean", "HARMEAN", 0),
    ("kurt", "KURT", 0),
    ("median", "MEDIAN", 0),
    ("mode", "MODE", 0),
    ("skew", "SKEW", 0),
    ("stdev", "STDEV", 0),
    ("stdev.s", "STDEV", 0),
    ("stdevp", "STDEVP", 0),
    ("stdev.p", "STDEVP", 0),
    ("var", "VAR", 0),
    ("var.s", "VAR", 0),
    ("varp", "VARP", 0),
    ("var.p", "VARP", 0),
    ("npv", "NPV", 1),
    ("gcd", "GCD", 0),
    ("lcm", "LCM", 0),
];

/// Functions that Excel has, with the same name and arguments.
const PLACES: &[&str] = &[
    "ABS",
    "ACCRINT",
    "ACCRINTM",
    "ACOS",
    "AMORDEGRC",
    "AMORLINC",
    "ASIN",
    "ATAN",
    "ATAN2",
    "CEILING",
    "COMBIN",
    "CORREL",
    "COS",
    "COUPDAYBS",
    "COUPDAYS",
    "COUPDAYSNC",
    "COUPNCD",
    "COUPNUM",
    "COUPPCD",
    "COVARIANCE.P",
    "COVARIANCE.S",
    "CUMIPMT",
    "CUMPRINC",
    "DATE",
    "DAY",
    "DAYS",
    "DAYS360",
    "DB",
    "DDB",
    "DISC",
    "DOLLARDE",
    "DOLLARFR",
    "DURATION",
    "EDATE",
    "EFFECT",
    "EOMONTH",
    "EVEN",
    "EXP",
    "FACT",
    "FLOOR",
    "FORECAST",
    "FV",
    "FVSCHEDULE",
    "GROWTH",
    "HOUR",
    "INDEX",
    "INT",
    "INTERCEPT",
    "INTRATE",
    "IPMT",
    "IRR",
    "ISPMT",
    "LARGE",
    "LEFT",
    "LEN",
    "LN",
    "LOG",
    "LOG10",
    "LOGNORM.DIST",
    "LOGNORM.INV",
    "LOOKUP",
    "LOWER",
    "MATCH",
    "MDURATION",
    "MID",
    "MINUTE",
    "MIRR",
    "MOD",
    "MONTH",
    "MROUND",
    "NETWORKDAYS",
    "NOMINAL",
    "NORM.DIST",
    "NORM.INV",
    "NORM.S.DIST",
    "NORM.S.INV",
    "NORMDIST",
    "NORMINV",
    "NORMSDIST",
    "NORMSINV",
    "NPER",
    "ODD",
    "ODDFPRICE",
    "ODDFYIELD",
    "ODDLPRICE",
    "ODDLYIELD",
    "PDURATION",
    "PEARSON",
    "PERCENTILE",
    "PERCENTILE.EXC",
    "PERCENTILE.INC",
    "PERCENTRANK",
    "PERCENTRANK.INC",
    "PERMUT",
    "PI",
    "PMT",
    "POWER",
    "PPMT",
    "PRICE",
    "PRICEDISC",
    "PRICEMAT",
    "PROPER",
    "PV",
    "QUARTILE",
    "QUARTILE.EXC",
    "QUARTILE.INC",
    "QUOTIENT",
    "RANK",
    "RANK.EQ",
    "RATE",
    "RECEIVED",
    "REPT",
    "RIGHT",
    "ROUND",
    "ROUNDDOWN",
    "ROUNDUP",
    "RRI",
    "RSQ",
    "SECOND",
    "SIGN",
    "SIN",
    "SLN",
    "SLOPE",
    "SMALL",
    "SQRT",
    "STANDARDIZE",
    "STEYX",
    "SUMPRODUCT",
    "SYD",
    "TAN",
    "TBILLEQ",
    "TBILLPRICE",
    "TBILLYIELD",
    "TREND",
    "TRIM",
    "TRIMMEAN",
    "TRUNC",
    "UPPER",
    "VDB",
    "WEEKDAY",
    "WORKDAY",
    "XIRR",
    "XNPV",
    "YEAR",
    "YEARFRAC",
    "YIELD",
    "YIELDDISC",
    "YIELDMAT",
    "TEXT",
    "VALUE",
    "FIND",
    "SEARCH",
    "SUBSTITUTE",
    "EXACT",
    "GAMMALN",
    "SINH",
    "COSH",
    "TANH",
    "RADIANS",
    "DEGREES",
    "SQRTPI",
    "COVAR",
];

/// Functions that give TRUE or FALSE in Excel.
const CONDITIONS: &[&str] = &["NOT", "XOR", "ISEVEN", "ISODD"];

/// Functions that Excel calls otherwise.
const RENAMED: &[(&str, &str)] = &[
    ("forecast.linear", "FORECAST"),
    ("covariance", "COVAR"),
    ("concatenate", "CONCATENATE"),
    ("concat", "CONCATENATE"),
];

/// Functions that Excel lacks, written out. Sources are with the functions themselves.
const FORMULAS: &[(&str, &str)] = &[
    ("gordon", "IF({2}<{1},{0}/({1}-{2}),#NUM!)"),
    ("terminal_value", "IF({2}<{1},{0}*(1+{2})/({1}-{2})*IF({3|0}<>0,SQRT(1+{1}),1),#NUM!)"),
    ("implied_growth", "({0}*{2}-{1}*IF({3|0}<>0,SQRT(1+{2}),1))/({0}+{1}*IF({3|0}<>0,SQRT(1+{2}),1))"),
    ("implied_multiple", "{0}/{1}"),
    ("discount_periods", "({1|1}+{0}-1-IF({2|0}<>0,IF({0}=1,{1|1}/2,0.5),0))"),
    ("discount_factor", "(1+{0})^-{1}"),
    ("midyear_factor", "(1+{0})^-({2|1}+{1}-1-IF({1}=1,{2|1}/2,0.5))"),
    ("capm", "({0}+{1}*{2}+{3|0})"),
    ("wacc", "((1-{3}-{5|0})*{0}+{3}*{1}*(1-{2})+{5|0}*{4|0})"),
    ("unlevered_beta", "{0}/(1+(1-{2})*{1})"),
    ("levered_beta", "{0}*(1+(1-{2})*{1})"),
    ("relevered_beta", "{0}/(1+(1-{3})*{1})*(1+(1-{3})*{2})"),
    (
        "black_scholes",
        "IF({3}*{5}=0,MAX(0,IF({0}=\"call\",1,-1)*({1}*EXP(-{6|0}*{3})-{2}*EXP(-{4}*{3}))),\
         IF({0}=\"call\",1,-1)*({1}*EXP(-{6|0}*{3})*NORMSDIST(IF({0}=\"call\",1,-1)*\
         (LN({1}/{2})+({4}-{6|0}+{5}^2/2)*{3})/({5}*SQRT({3})))-{2}*EXP(-{4}*{3})*\
         NORMSDIST(IF({0}=\"call\",1,-1)*(LN({1}/{2})+({4}-{6|0}-{5}^2/2)*{3})/({5}*SQRT({3})))))",
    ),
    (
        "exchange_option",
        "({0}*EXP(-{6|0}*{2})*NORMSDIST((LN({0}/{1})+({7|0}-{6|0})*{2})/SQRT(({3}^2+{4}^2-2*{5}*{3}*{4})*{2})+\
         SQRT(({3}^2+{4}^2-2*{5}*{3}*{4})*{2})/2)-{1}*EXP(-{7|0}*{2})*\
         NORMSDIST((LN({0}/{1})+({7|0}-{6|0})*{2})/SQRT(({3}^2+{4}^2-2*{5}*{3}*{4})*{2})-\
         SQRT(({3}^2+{4}^2-2*{5}*{3}*{4})*{2})/2))",
    ),
    ("xlookup", "IFNA(INDEX({2},MATCH({0},{1},0)),{3|NA()})"),
];

/// The function with its arguments in their places. One blank makes it blank.
fn places(excel: &str, arguments: &[Argument], make: impl Fn(String) -> Piece) -> Result<Written, Untranslated> {
    let mut texts = Vec::new();
    for argument in arguments {
        texts.push(match argument {
            Argument::Omitted => String::new(),
            Argument::One(Written::Blank) => return Ok(Written::Blank),
            Argument::One(Written::Piece(piece)) => piece.as_value(),
            Argument::Many(many) if many.pieces().next().is_none() => return Ok(Written::Blank),
            Argument::Many(many) => many.as_one()?,
        });
    }
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    Ok(make(format!("{excel}({})", texts.join(","))).into())
}

/// The function over values from the argument `from` on. Nothing makes it blank, but a sum of nothing is 0.
fn values(excel: &str, from: usize, arguments: &[Argument]) -> Result<Written, Untranslated> {
    let mut texts = Vec::new();
    let mut is_nothing = true;
    for (index, argument) in arguments.iter().enumerate() {
        match argument {
            Argument::Omitted => {}
            Argument::One(Written::Blank) if index < from => return Ok(Written::Blank),
            Argument::One(Written::Blank) => {}
            Argument::One(Written::Piece(piece)) => {
                is_nothing &= index < from;
                texts.push(piece.as_value());
            }
            Argument::Many(many) => {
                if many.pieces().next().is_none() {
                    continue;
                }
                is_nothing = false;
                match &many.range {
                    Some(range) => texts.push(range.clone()),
                    None => texts.extend(many.pieces().map(Piece::as_value)),
                }
            }
        }
    }
    if is_nothing {
        return Ok(if matches!(excel, "SUM" | "COUNT" | "SUMSQ") { Piece::number(0.0).into() } else { Written::Blank });
    }
    // Excel takes at most 255 arguments.
    if texts.len() > 255 {
        return Err(format!("{excel} has more than 255 arguments"));
    }
    Ok(Piece::atom(format!("{excel}({})", texts.join(","))).into())
}

/// A formula with the arguments filled in.
fn filled(formula: &str, arguments: &[Argument]) -> Result<Written, Untranslated> {
    let mut text = String::new();
    let mut rest = formula;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}').ok_or("a function has no way to Excel")?;
        rest = after;
        text.push_str(before);
        let (index, default) = slot.split_once('|').map_or((slot, None), |(index, default)| (index, Some(default)));
        let argument = index.parse::<usize>().ok().and_then(|index| arguments.get(index));
        match (argument, default) {
            (Some(Argument::One(Written::Blank)), _) => return Ok(Written::Blank),
            (Some(Argument::One(Written::Piece(piece))), _) => text.push_str(&piece.closed()),
            (Some(Argument::Many(many)), _) => text.push_str(&many.as_one()?),
            (None | Some(Argument::Omitted), Some(default)) => text.push_str(default),
            (None | Some(Argument::Omitted), None) => return Err("an argument is missing".to_owned()),
        }
    }
    text.push_str(rest);
    Ok(Piece::sum(text).into())
}

/// All values of all arguments, in order.
fn elements(arguments: &[Argument]) -> Vec<Written> {
    let elements = |argument: &Argument| match argument {
        Argument::Omitted => Vec::new(),
        Argument::One(one) => vec![one.clone()],
        Argument::Many(many) => many.elements.clone(),
    };
    arguments.iter().flat_map(elements).collect()
}

/// The first or last value that is there.
fn end(arguments: &[Argument], is_first: bool) -> Written {
    let mut there = elements(arguments).into_iter().filter(|element| *element != Written::Blank);
    let end = if is_first { there.next() } else { there.next_back() };
    end.unwrap_or(Written::Blank)
}

/// The cell that `index` takes out of a list, where its place is a constant.
fn element(arguments: &[Argument]) -> Option<Written> {
    let [list, Argument::One(Written::Piece(place))] = arguments else { return None };
    let place = place.constant.filter(|place| *place >= 1.0 && *place <= 1e6)?;
    let all = elements(std::slice::from_ref(list));
    all.into_iter().zip(1_u32..).find(|(_, number)| f64::from(*number) == place.floor()).map(|(element, _)| element)
}

/// The growth a period from the first value to the last, in as many periods as there are places between them.
fn cagr(arguments: &[Argument]) -> Result<Written, Untranslated> {
    if arguments.len() > 1 {
        return filled("(({1}/{0})^(1/{2})-1)", arguments);
    }
    let all = elements(arguments);
    let there: Vec<(usize, &Piece)> = all
        .iter()
        .enumerate()
        .filter_map(|(place, element)| match element {
            Written::Blank => None,
            Written::Piece(piece) => Some((place, piece)),
        })
        .collect();
    match (there.first(), there.last()) {
        (Some((from, first)), Some((to, last))) if to > from => {
            let text = format!("({}/{})^(1/{})-1", last.closed(), first.closed(), to - from);
            Ok(Piece::sum(text).into())
        }
        _ => Ok(Written::Blank),
    }
}

/// The options and strikes behind the argument `price`, pair by pair.
fn grants(arguments: &[Argument], price: usize) -> Result<Vec<(Piece, Piece)>, Untranslated> {
    const MAX_GRANTS: usize = 12;
    let list = |index: usize| elements(arguments.get(index).map(std::slice::from_ref).unwrap_or_default());
    let pairs: Vec<(Piece, Piece)> = list(price + 1)
        .into_iter()
        .zip(list(price + 2))
        .filter_map(|pair| match pair {
            (Written::Piece(options), Written::Piece(strike)) => Some((options, strike)),
            _ => None,
        })
        .collect();
    if pairs.len() > MAX_GRANTS {
        return Err(format!("more than {MAX_GRANTS} grants make a formula that is too long"));
    }
    Ok(pairs)
}

/// The shares that options add by the treasury-stock method.
fn dilution(arguments: &[Argument], price: usize) -> Result<Option<Piece>, Untranslated> {
    let grants = grants(arguments, price)?;
    let Some(Argument::One(Written::Piece(price))) = arguments.get(price) else { return Ok(None) };
    let added = |(options, strike): &(Piece, Piece)| {
        format!("{}*MAX(0,1-{}/{})", options.closed(), strike.closed(), price.closed())
    };
    let text = grants.iter().map(added).collect::<Vec<_>>().join("+");
    Ok(Some(if text.is_empty() { Piece::number(0.0) } else { Piece::sum(text) }))
}

/// The price at which the equity is what all shares are worth: the smallest of what it would be with the grants up to
/// each strike exercised.
fn diluted_price(arguments: &[Argument]) -> Result<Written, Untranslated> {
    let grants = grants(arguments, 1)?;
    let (Some(Argument::One(Written::Piece(equity))), Some(Argument::One(Written::Piece(shares)))) =
        (arguments.first(), arguments.get(1))
    else {
        return Ok(Written::Blank);
    };
    let (equity, shares) = (equity.closed(), shares.closed());
    let mut prices = vec![format!("{equity}/{shares}")];
    for (_, limit) in &grants {
        let exercised = |worth: &dyn Fn(&Piece, &Piece) -> String| {
            let part = |(options, strike): &(Piece, Piece)| {
                format!("+({}<={})*{}", strike.closed(), limit.closed(), worth(options, strike))
            };
            grants.iter().map(part).collect::<String>()
        };
        let paid = exercised(&|options, strike| format!("{}*{}", options.closed(), strike.closed()));
        let added = exercised(&|options, _| options.closed());
        prices.push(format!("({equity}{paid})/({shares}{added})"));
    }
    Ok(Piece::atom(format!("MIN({})", prices.join(","))).into())
}

/// The straight line through the two points around x.
fn interpolate(arguments: &[Argument]) -> Result<Written, Untranslated> {
    let [Argument::One(x), Argument::Many(xs), Argument::Many(ys)] = arguments else {
        return Err("lists are needed to interpolate".to_owned());
    };
    let Written::Piece(x) = x else { return Ok(Written::Blank) };
    let (x, xs, ys) = (x.closed(), xs.as_one()?, ys.as_one()?);
    let below = format!("MIN(MATCH({x},{xs},1),COUNT({xs})-1)");
    let at = |list: &str, place: &str| format!("INDEX({list},{place})");
    let above = format!("{below}+1");
    let text = format!(
        "{}+({x}-{})*({}-{})/({}-{})",
        at(&ys, &below),
        at(&xs, &below),
        at(&ys, &above),
        at(&ys, &below),
        at(&xs, &above),
        at(&xs, &below)
    );
    Ok(Piece::sum(text).into())
}
