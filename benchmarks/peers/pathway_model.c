/* The pathway model as a plain C program, sector by sector, with the inputs of one lever setting compiled in (inputs.h).

   It prints scope 1 CO2 of every year, then the CPU seconds of one run. The same equations as docs/methods/pathway-engine.md; no imported
   CO2, sink or primary energy, as in the other peers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "inputs.h"

enum { COAL, COKE, GAS, OIL, ELECTRICITY, HEAT, HYDROGEN, BIOMASS };
enum { CONVENTIONAL, R_ELECTRIC, R_HYDROGEN, R_GAS, R_BIOMASS, R };

static double units[T][S][R], units_power[T][S], sold[T][S], sold_power[T][S];

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

struct state {
    double gdp, population, income_fuel[S], income_power[S], new_fuel[S], new_power[S], retro_fuel[S], retro_power[S], plant[7];
};

static void stock(struct state *z, int t, int s, double need, double service, double held[R], double use[R], double *power) {
    double left[R] = {0}, old[R] = {0}, left_power = 0, old_power = 0, total = 0;
    for (int v = 0; v < t; v++) {
        double share = v ? survival[t - v][s] : survival_base[t][s];
        double each = v ? share * sold[v][s] : need_base[t][s];
        for (int r = 0; r < R; r++) { left[r] += units[v][s][r] * share; old[r] += units[v][s][r] * each; }
        share = v ? survival_power[t - v][s] : survival_power_base[t][s];
        each = v ? share * sold_power[v][s] : need_power_base[t][s];
        left_power += units_power[v][s] * share;
        old_power += units_power[v][s] * each;
    }
    for (int r = 0; r < R; r++) total += left[r];
    double kept = total > need ? need / total : 1.0, room = fmax(0.0, need - kept * total), open = need;
    double kept_power = left_power > service ? service / left_power : 1.0, bought = fmax(0.0, service - kept_power * left_power);
    if (kept < 1.0) for (int v = 0; v < t; v++) for (int r = 0; r < R; r++) units[v][s][r] *= kept;
    if (kept_power < 1.0) for (int v = 0; v < t; v++) units_power[v][s] *= kept_power;
    for (int r = 1; r < R; r++) {
        double share = clip(shift[r - 1][t][s], 0.0, 1.0), wanted = open * share;
        if (r == R_ELECTRIC) wanted = fmin(wanted, electric_limit[t][s]);
        units[t][s][r] = clip(wanted - kept * left[r], 0.0, room);
        room -= units[t][s][r];
        open *= 1.0 - share;
    }
    units[t][s][CONVENTIONAL] = room;
    units_power[t][s] = bought;
    double fresh = t ? z->new_fuel[s] : 1.0;
    for (int r = 0; r < R; r++) {
        held[r] = kept * left[r] + units[t][s][r];
        use[r] = fmax(floor_[s] * held[r], z->retro_fuel[s] * kept * old[r] + fresh * units[t][s][r]);
    }
    fresh = t ? z->new_power[s] : 1.0;
    *power = fmax(floor_[s] * service, z->retro_power[s] * kept_power * old_power + fresh * bought);
}

static void dispatch(struct state *z, int t, double gross, const double running[7], double *coal, double *gas) {
    double hydro, wind, solar, biomass, nuclear, contract;
    if (t == 0) {
        hydro = generation[2]; wind = generation[3]; solar = generation[4]; biomass = generation[5]; nuclear = generation[6];
        contract = generation[7];
    } else {
        wind = running[0] * hours[0] / 1000; solar = running[1] * hours[1] / 1000; hydro = running[2] * hours[2] / 1000;
        biomass = running[3] * hours[3] / 1000; nuclear = running[4] * hours[4] / 1000;
        contract = fmax(0.0, generation[7] + (z->plant[6] - capacity[6][0]) * hours_imports / 1000);
        contract = fmin(contract, z->plant[6] * hours_imports_maximum / 1000);
    }
    double potential = wind + solar, taken = potential;
    double free_ = curtailment_free + curtailment_storage * z->plant[5] / (gross / 8.76), excess = potential / gross - free_;
    if (excess > 0) taken = gross * (free_ + (1 - exp(-curtailment_slope * excess)) / curtailment_slope);
    double firm = hydro + biomass + nuclear, room = gross * (1 - thermal_minimum);
    firm *= fmin(1.0, room / fmax(firm, 1e-12));
    taken = fmin(taken, fmax(0.0, room - firm));
    double thermal = gross - firm - taken - fmin(contract, fmax(0.0, room - firm - taken));
    *gas = fmin(generation[1] * gas_generation[t], thermal * gas_share_maximum);
    *coal = thermal - *gas;
}

static double year(struct state *z, int t) {
    double growth = 0;
    if (t) {
        double income = z->gdp / z->population;
        z->gdp *= 1 + gdp_growth[t];
        z->population *= 1 + population_growth[t];
        growth = log(z->gdp / z->population / income);
    }
    double people = z->population / population0, use[S][C], scale[S], process[S], fuels[4] = {0}, before[4] = {0};
    for (int s = 0; s < S; s++) {
        if (t) {
            z->income_fuel[s] += clip(elasticity_fuel[t][s], -1, 2) * growth;
            z->income_power[s] += clip(elasticity_power[t][s], -1, 2) * growth;
            z->new_fuel[s] = fmax(floor_[s], z->new_fuel[s] * (1 - efficiency_fuel[t][s]));
            z->new_power[s] = fmax(floor_[s], z->new_power[s] * (1 - efficiency_power[t][s]));
            z->retro_fuel[s] *= 1 - retrofit[s] * efficiency_fuel[t][s];
            z->retro_power[s] *= 1 - retrofit[s] * efficiency_power[t][s];
            sold[t][s] = z->new_fuel[s] / z->retro_fuel[s];
            sold_power[t][s] = z->new_power[s] / z->retro_power[s];
        }
        double level = fmax(0.05, maturity_level[s]);
        double common = people * (level + (1 - level) * maturity_decay[t][s]) * activity[t][s];
        double need = common * drive_fuel[t][s] * exp(z->income_fuel[s]), service = common * drive_power[t][s] * exp(z->income_power[s]);
        double held[R], used[R], power, whole = 0;
        stock(z, t, s, need, service, held, used, &power);
        for (int r = 0; r < R; r++) whole += used[r];
        double electric = used[R_ELECTRIC] / whole, hydrogen = used[R_HYDROGEN] / whole, gas = used[R_GAS] / whole;
        double rest = 1 - electric - hydrogen, burnt = fmin(1, used[R_BIOMASS] / whole / fmax(rest - gas, 1e-300));
        scale[s] = whole * (1 + process_fuel[s] * (process_factor[t][s] - 1));
        double fossil = (base[s][COAL] + base[s][COKE] + base[s][GAS] + base[s][OIL]) * scale[s], *f = use[s];
        f[COAL] = base[s][COAL] * scale[s] * (rest - gas) * (1 - burnt);
        f[COKE] = base[s][COKE] * scale[s] * rest;
        f[GAS] = base[s][GAS] * scale[s] * rest + base[s][COAL] * scale[s] * gas * ratio_gas[s];
        f[OIL] = base[s][OIL] * scale[s] * rest * (1 - burnt);
        f[ELECTRICITY] = base[s][ELECTRICITY] * power + fossil * electric * ratio_electricity[s];
        f[HEAT] = base[s][HEAT] * scale[s];
        f[HYDROGEN] = base[s][HYDROGEN] * scale[s] + fossil * hydrogen * ratio_hydrogen[s];
        process[s] = process0[s] * process_factor[t][s] * (need - process_shifted[s] * (held[R_ELECTRIC] + held[R_HYDROGEN]));
        if (!supplies[s]) for (int k = 0; k < 4; k++) { fuels[k] += f[k]; before[k] += base[s][k]; }
    }
    double needed = 0, heat = 0, hydrogen = 0, total = 0, stored = 0, energy[S];
    for (int s = 0; s < S; s++) {
        if (supplies[s]) {
            double now = 0, then = 0;
            for (int k = 0; k < 4; k++) { now += follows[s][k] * fuels[k]; then += follows[s][k] * before[k]; }
            double follow = then > 0 ? 1 + supply_link * (now / then - 1) : 1;
            for (int k = 0; k < 7; k++) use[s][k] *= follow;
            scale[s] *= follow;
        }
        energy[s] = residual[s] * scale[s];
        for (int k = 0; k < 4; k++) energy[s] += use[s][k] * factor[s][k];
        needed += use[s][ELECTRICITY]; heat += use[s][HEAT]; hydrogen += use[s][HYDROGEN];
    }
    double green = clip(hydrogen_green[t], 0, 1);
    energy[REFINING] += hydrogen * (1 - green) / reforming_efficiency * gas_factor;
    for (int s = 0; s < S; s++) {
        double captured = clip(capture[t][s], 0, 0.95) * (energy[s] + process[s]);
        stored += captured;
        total += energy[s] + process[s] - captured;
    }
    double running[7];
    for (int i = 0; i < 7; i++) {
        double wanted = capacity[i][t];
        if (t) wanted = clip(wanted, z->plant[i] * (1 - decline), z->plant[i] + build[i]);
        running[i] = (z->plant[i] + wanted) / 2;
        z->plant[i] = wanted;
    }
    needed = needed / 3.6 + hydrogen * green / electrolysis_efficiency / 3.6 + stored * capture_electricity;
    double gross = needed / (1 - clip(losses + grid_losses[t], -0.1, 0.3)) + fmax(0, z->plant[5] - capacity[5][0]) * storage_losses;
    double coal, gas, caught = clip(capture_power[t], 0, 0.95);
    dispatch(z, t, gross, running, &coal, &gas);
    double run = coal / generation[0];
    double burnt = power_coal * run * coal_rate[t] * (1 + capture_penalty * caught) * (1 - clip(coal_cofiring[t], 0, 0.95));
    double supplied = heat * (1 - clip(heat_clean[t], 0, 1)) * heat_fuel;
    total += burnt * power_coal_factor * (1 - caught) + supplied * power_coal_factor + gas * gas_rate * gas_factor;
    return total + (power_other + power_process) * run + waste * people;
}

static void run(double out[T]) {
    struct state z = {.gdp = gdp0, .population = population0};
    for (int s = 0; s < S; s++) {
        z.new_fuel[s] = start_fuel[s]; z.new_power[s] = start_power[s];
        z.retro_fuel[s] = z.retro_power[s] = 1;
    }
    for (int i = 0; i < 7; i++) z.plant[i] = capacity[i][0];
    for (int t = 0; t < T; t++) out[t] = year(&z, t);
}

int main(int count, char **word) {
    int times = count > 1 ? atoi(word[1]) : 200;
    double out[T], best = 1e9;
    run(out);
    for (int t = 0; t < T; t++) printf("%.17g\n", out[t]);
    for (int k = 0; k < times; k++) {
        clock_t began = clock();
        for (int i = 0; i < 20; i++) run(out);
        best = fmin(best, (double)(clock() - began) / CLOCKS_PER_SEC / 20);
    }
    printf("%.9g\n", best);
    return 0;
}
