//! The offering: who sells what, who gets what, who owns what after it.

use super::{ASSUMPTION, dollars, euros, multiple, per_share, rate, shares};
use crate::model::NumberFormat::Factor;
use crate::template::builder::{Row, single};

const TERMS: &str = "Birkenstock's offering of October 2023, prospectus";

pub(super) fn terms() -> Vec<Row> {
    vec![
        single("price_method", "Price")
            .in_unit("0 or 1")
            .value(1.0)
            .note("0: the value by peers, less the discount. 1: the price that is set"),
        rate("discount", "Discount to the value by peers")
            .value(0.12)
            .note("Assumption; 10 % to 15 % are common, so that an offering finds its buyers"),
        per_share("set_price", "Price that is set").value(46.0).note(TERMS),
        per_share("filed_low", "Filed price range, low").value(44.0).note(TERMS),
        per_share("filed_high", "Filed price range, high").value(49.0).note(TERMS),
        per_share("offer_price", "Offer price").formula("if(price_method = 1, set_price, fair_value * (1 - discount))"),
        rate("implied_discount", "Discount to the value by peers, at the offer price")
            .formula("1 - offer_price / fair_value")
            .note("Negative: investors pay more than the peers' multiples tell"),
        rate("place_in_range", "Offer price in the filed range")
            .formula("(offer_price - filed_low) / (filed_high - filed_low)")
            .note("0 %: at its low end. 100 %: at its high end"),
        shares("primary_shares", "Primary shares, sold by the firm").value(10.752_688).note(TERMS),
        shares("secondary_shares", "Secondary shares, sold by holders").value(21.505_376).note(TERMS),
        rate("greenshoe", "Greenshoe, of the shares offered")
            .value(0.15)
            .note("4,838,709 shares in the prospectus; FINRA Rule 5110 allows 15 %"),
        rate("greenshoe_exercised", "Of the greenshoe, exercised").value(1.0).note(ASSUMPTION),
        rate("greenshoe_from_firm", "Of the greenshoe, from the firm")
            .value(0.0)
            .note("In Birkenstock's offering the selling shareholder granted it"),
        rate("spread", "Underwriters' spread, of proceeds")
            .value(0.05)
            .note("Assumption; large offerings pay less than the 7 % of small ones"),
        dollars("other_costs", "Other costs, borne by the firm").value(20.0).note(ASSUMPTION),
    ]
}

pub(super) fn sources_and_uses() -> Vec<Row> {
    vec![
        shares("greenshoe_shares", "Shares of the greenshoe")
            .formula("(primary_shares + secondary_shares) * greenshoe * greenshoe_exercised"),
        shares("firm_shares", "New shares of the firm")
            .formula("primary_shares + greenshoe_shares * greenshoe_from_firm"),
        shares("holder_shares", "Shares sold by holders")
            .formula("secondary_shares + greenshoe_shares * (1 - greenshoe_from_firm)"),
        dollars("offer_size", "Source: investors pay").formula("(firm_shares + holder_shares) * offer_price"),
        dollars("gross_to_firm", "Of it for the firm's shares").formula("firm_shares * offer_price"),
        dollars("gross_to_holders", "Of it for holders' shares").formula("holder_shares * offer_price"),
        dollars("fees", "Use: underwriters").formula("offer_size * spread"),
        dollars("costs", "Use: other costs").formula("other_costs"),
        dollars("net_to_firm", "Use: to the firm").formula("gross_to_firm * (1 - spread) - other_costs"),
        dollars("net_to_holders", "Use: to holders").formula("gross_to_holders * (1 - spread)"),
    ]
}

pub(super) fn money() -> Vec<Row> {
    vec![
        shares("shares_after", "Shares after the offering").formula("shares_before + firm_shares"),
        dollars("pre_money", "Pre-money value").formula("shares_before * offer_price"),
        dollars("post_money", "Post-money value")
            .formula("pre_money + net_to_firm")
            .note("With what the firm receives after costs"),
        dollars("market_capitalization", "Market capitalization at the offer price")
            .formula("shares_after * offer_price")
            .note("Above post-money by the costs, which new and old holders bear together"),
    ]
}

pub(super) fn ownership() -> Vec<Row> {
    vec![
        rate("dilution", "Dilution of holders who sell nothing")
            .formula("firm_shares / shares_after")
            .note("What they own of the firm shrinks by this part"),
        rate("old_ownership", "Owned by holders after the offering")
            .formula("(shares_before - holder_shares) / shares_after"),
        rate("new_ownership", "Owned by new investors: the free float")
            .formula("(firm_shares + holder_shares) / shares_after"),
        per_share("earnings_before", "Earnings per share before")
            .formula("trailing_earnings * exchange_rate / shares_before")
            .note("Of the last reported year"),
        per_share("earnings_after", "Earnings per share after")
            .formula(
                "(trailing_earnings * exchange_rate + net_to_firm * interest_rate * (1 - tax_rate)) / shares_after",
            )
            .note("As if the firm had repaid debt with its proceeds a year ago"),
        rate("earnings_dilution", "Change of earnings per share").formula("earnings_after / earnings_before - 1"),
    ]
}

pub(super) fn at_offer() -> Vec<Row> {
    vec![
        euros("net_debt_after", "Net debt after the offering")
            .formula("debt - cash - net_to_firm / exchange_rate")
            .note("The firm keeps its proceeds, or repays debt: net debt is the same"),
        euros("enterprise_value", "Enterprise value at the offer price")
            .formula("market_capitalization / exchange_rate + net_debt_after + preferred_stock + minority_interests"),
        multiple("offer_ebitda_multiple", "EV / EBITDA").formula("enterprise_value / trailing_ebitda"),
        multiple("forward_ebitda_multiple", "EV / EBITDA of the year to come")
            .formula("enterprise_value / last(ebitda)"),
        multiple("offer_sales_multiple", "EV / sales").formula("enterprise_value / trailing_sales"),
        multiple("forward_sales_multiple", "EV / sales of the year to come").formula("enterprise_value / last(sales)"),
        multiple("offer_earnings_multiple", "P / E")
            .formula("offer_price / earnings_after")
            .note("On earnings with the interest saved"),
        multiple("forward_earnings_multiple", "P / E of the year to come").formula(
            "market_capitalization / (last(earnings) * exchange_rate + net_to_firm * interest_rate * (1 - tax_rate))",
        ),
        rate("peer_discount", "Discount to the peers' median EV / EBITDA")
            .formula("1 - offer_ebitda_multiple / ebitda_multiple_mid"),
    ]
}

pub(super) fn first_day() -> Vec<Row> {
    vec![
        per_share("opening_price", "First trade")
            .value(41.0)
            .note("New York Stock Exchange, 11 October 2023, as the press reported that day"),
        rate("initial_return", "First trade over the offer price")
            .formula("opening_price / offer_price - 1")
            .note("On average positive: underpricing (Ritter and Welch 2002). Here it was not"),
        dollars("money_left", "Money left on the table")
            .formula("(opening_price - offer_price) * (firm_shares + holder_shares)")
            .note("What the sellers would have got more at the first trade's price"),
    ]
}

pub(super) fn checks() -> Vec<Row> {
    let check = |name, label| single(name, label).shown_as(Factor);
    vec![
        check("proceeds_check", "Source less uses")
            .formula("round(offer_size - fees - costs - net_to_firm - net_to_holders, 6)")
            .note("0: what investors pay goes to underwriters, other costs, the firm and holders"),
        check("ownership_check", "Ownership that does not add up")
            .formula("round(old_ownership + new_ownership - 1, 9)")
            .note("0: old and new holders own all"),
        check("weight_check", "Weights that do not add up")
            .formula("round(ebitda_weight + earnings_weight + sales_weight - 1, 9)")
            .note("0: the methods' weights are 100 % together"),
        check("holder_check", "Holders sell more than they have")
            .formula("if(holder_shares > shares_before, 1, 0)")
            .note("0 when they don't"),
        check("checks", "All checks")
            .formula("abs(proceeds_check) + abs(ownership_check) + abs(weight_check) + holder_check")
            .note("0 when the model holds together"),
    ]
}
