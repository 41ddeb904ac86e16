import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHOP, type ShopService } from '@txmsg/contracts';
import { FAULT_POINTS, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { isOfJobs, untilQuiet } from './fault-matrix/discovery.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { TestShop } from './kit/test-shop.js';
import { KilledService } from './shop-crash/killed-service.js';
import { ASKED, PLENTY, SHOP_SCENARIOS, SHORT, type ShopScenario } from './shop-crash/shop-scenarios.js';

/** Every point that the code of the shop announces; dead letters have tests of their own, and it starts no durable jobs. */
const POINTS: readonly FaultRule['point'][] = [
  ...FAULT_POINTS.filter((point) => !point.startsWith('dead-letter') && !isOfJobs(point)),
  ...(await serviceFaultPoints(undefined, SHOP)),
];
const SETUP_DEADLINE_MS = 20 * 60_000;
const END_DEADLINE_MS = 180_000;
const DUE_EVERY_MS = 1000;

/** One point at which a service is killed, and the order that meets it there. */
interface Cell {
  readonly scenario: ShopScenario;
  readonly service: ShopService;
  readonly point: FaultRule['point'];
  readonly txNo: string;
}

/** A shop of its own for the cells of one service, which it kills one after another. */
class Stage {
  isOver = false;
  private readonly isAsked: string[] = [];

  private constructor(readonly shop: TestShop) {
    void this.letTimePass();
  }

  static async create(label: string): Promise<Stage> {
    const shop = await TestShop.create(label);
    await shop.openProduct(PLENTY, 10_000);
    await shop.openProduct(SHORT, 0);
    return new Stage(shop);
  }

  /** Plays these one after another, where one of them kills it; @returns what each service has logged */
  async play(
    cells: readonly Cell[],
    together: boolean,
  ): Promise<Record<ShopService, KilledService<ShopService>>> {
    const { shop } = this;
    this.isAsked.push(...cells.filter(({ scenario }) => ASKED.includes(scenario)).map(({ txNo }) => txNo));
    const leads = cells.flatMap(({ scenario, txNo }) => scenario.lead.map((rule) => ({ ...rule, txNo })));
    const rules = (service: ShopService): FaultRule[] =>
      together ? [] : cells.filter((cell) => cell.service === service).map(ruleOf);
    const stock = await KilledService.start(shop, 'stock', rules('stock'));
    const STOCK_URL = new URL(stock.url).origin;
    const order = await KilledService.start(shop, 'order', [...leads, ...rules('order')], { STOCK_URL });
    const services = { order, stock };
    const playOne = async (cell: Cell): Promise<void> => {
      const hit = together ? true : services[cell.service].untilHit(ruleOf(cell));
      await Promise.all([cell.scenario.play(shop, order, cell.txNo), hit]);
    };
    if (together) await Promise.all(cells.map(playOne));
    else for (const cell of cells) await playOne(cell);
    await this.untilEnded(cells);
    return services;
  }

  private async untilEnded(cells: readonly Cell[]): Promise<void> {
    await eventually(
      async () => {
        for (const { txNo, scenario } of cells) {
          const status = (await this.shop.order(txNo))?.status;
          if (status !== scenario.end)
            throw new Error(`${txNo} (${scenario.name}) is ${status ?? 'nowhere'}`);
        }
        const { disagreements, orders } = await this.shop.audit();
        expect({ disagreements: disagreements.listed, inFlight: orders.inFlight }).toEqual({
          disagreements: [],
          inFlight: 0,
        });
      },
      { timeoutMs: END_DEADLINE_MS, intervalMs: 500 },
    );
  }

  close(): Promise<void> {
    this.isOver = true;
    return this.shop.close();
  }

  private async letTimePass(): Promise<void> {
    while (!this.isOver) {
      const txNos = this.isAsked.map((txNo) => `'${txNo}'`).join(', ') || "''";
      await this.shop.makeDue(`next_check_at IS NOT NULL AND tx_no IN (${txNos})`).catch(() => undefined);
      await delay(DUE_EVERY_MS);
    }
  }
}

function ruleOf({ point, txNo }: Cell): FaultRule {
  return { point, action: 'kill', txNo };
}

/**
 * Every fault point that order and stock pass, with SIGKILL. Which service passes a point, and on which way of an order,
 * is seen in a first run without faults.
 */
describe('the shop, killed at every fault point', () => {
  const stages: Stage[] = [];
  let cells: Cell[] = [];
  let missed: string[] = [];
  const failures: string[] = [];

  const stageFor = async (label: string): Promise<Stage> => {
    const stage = await Stage.create(label);
    stages.push(stage);
    return stage;
  };

  async function discover(): Promise<Cell[]> {
    const stage = await stageFor('shop_ways');
    const ways = SHOP_SCENARIOS.map((scenario, index): Cell => ({
      scenario,
      service: 'order',
      point: 'outbox.stored',
      txNo: `way-${index}`,
    }));
    const services = await stage.play(ways, true);
    await untilQuiet(() => services.order.logs().length + services.stock.logs().length);
    await Promise.all([services.order.stop(), services.stock.stop()]);
    return SHOP.flatMap((service) => {
      const passed = new Set(
        services[service]
          .logs()
          .filter(({ message }) => message === 'fault point passed')
          .map(({ point, txNo }) => `${String(txNo)} ${String(point)}`),
      );
      return POINTS.flatMap((point) => {
        const way = ways.find(
          ({ scenario, txNo }) => scenario.owns(service, point) && passed.has(`${txNo} ${point}`),
        );
        const txNo = `${service}-${point.replaceAll(':', '.')}`;
        return way === undefined ? [] : [{ scenario: way.scenario, service, point, txNo }];
      });
    });
  }

  beforeAll(async () => {
    cells = await discover();
    const kill = async (service: ShopService): Promise<void> => {
      const own = cells.filter((cell) => cell.service === service);
      const stage = await stageFor(`${service}_kills`);
      try {
        const services = await stage.play(own, false);
        missed.push(...own.filter((cell) => !services[service].wasHit(ruleOf(cell))).map(({ txNo }) => txNo));
      } catch (error) {
        failures.push(`${service}: ${String(error)}`);
      }
    };
    missed = [];
    await Promise.all(SHOP.map(kill));
  }, SETUP_DEADLINE_MS);
  afterAll(async () => {
    for (const stage of stages) await stage.close();
  });

  it('passes every point on some way', () => {
    const passed = new Set(cells.map(({ point }) => point));
    expect(POINTS.filter((point) => !passed.has(point))).toEqual([]);
  });

  it('is killed at each of them', () => {
    expect(missed).toEqual([]);
  });

  it('ends every order as it must, with stock and orders in agreement', () => {
    expect(failures).toEqual([]);
  });

  it('has deducted exactly what is confirmed', async () => {
    for (const { shop } of stages) {
      const confirmed = (await shop.orders(PLENTY)).filter(({ status }) => status === 'CONFIRMED');
      expect(await shop.left(PLENTY)).toBe(10_000 - confirmed.length);
      expect(await shop.left(SHORT)).toBe(0);
    }
  });
});
