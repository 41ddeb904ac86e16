import { serviceNamed } from '@txmsg/contracts';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import { INSTALMENTS, INVESTORS, MONTHS, type ReviewContext } from '../review-context.js';

const TRADING = serviceNamed('trading').database;
const REPAYMENT = serviceNamed('repayment').database;

/** An investor: what was bid and what it bears, and what the instalments add up to. Amounts are text, as MySQL gives them. */
export interface Investor {
  readonly investorNo: string;
  readonly bid: string;
  readonly due: string;
  readonly instalments: number;
  readonly numbers: number;
  readonly principal: string;
  readonly interest: string;
}

/** Read from the tables, and reckoned from the bids by MySQL itself. */
export const exactSums: DemoCase<ReviewContext> = {
  title: 'In the end: every instalment once, and the sums exact to the cent?',

  async play(context) {
    const investors = await read(context);
    context.terminal.line('  investor    instalments  principal = bid         interest = due');
    for (const each of investors) context.terminal.line(`  ${lineOf(each)}`);
    const made = investors.reduce((sum, { instalments }) => sum + instalments, 0);
    context.terminal.line(`  ${made} instalments of ${INVESTORS} × ${MONTHS} = ${INSTALMENTS}`);
    const wrong = investors.filter((each) => !isExact(each)).map(({ investorNo }) => investorNo);
    assertHolds(wrong.length === 0, `The instalments of ${wrong.join(', ')} are not what the bids give.`);
    assertHolds(investors.length === INVESTORS && made === INSTALMENTS, 'Some instalments are missing.');
  },
};

/** Each number from 1 to the last month once, and both sums. */
export function isExact({ bid, due, instalments, numbers, principal, interest }: Investor): boolean {
  return instalments === MONTHS && numbers === MONTHS && principal === bid && interest === due;
}

function lineOf({ investorNo, bid, due, instalments, principal, interest }: Investor): string {
  const compare = (one: string, other: string): string => `${one} ${one === other ? '=' : '≠'} ${other}`;
  const sums = [compare(principal, bid), compare(interest, due)].map((sum) => sum.padEnd(22));
  return [investorNo.padEnd(10), String(instalments).padStart(11), ...sums].join('  ').trimEnd();
}

async function read({ world, projectId }: ReviewContext): Promise<Investor[]> {
  const connection = await createConnection(parseMysqlUrl(world.mysqlRootUrl));
  try {
    const [rows] = await connection.execute<RowDataPacket[]>(
      `SELECT bid.investor_no AS investorNo, bid.amount AS bid,
         ROUND(bid.amount * plan.annual_rate * plan.terms / 1200, 2) AS due,
         COUNT(made.instalment_no) AS instalments,
         COUNT(DISTINCT IF(made.instalment_no BETWEEN 1 AND plan.terms, made.instalment_no, NULL)) AS numbers,
         SUM(made.principal) AS principal, SUM(made.interest) AS interest
       FROM ${TRADING}.bid JOIN ${REPAYMENT}.repayment_plan plan ON plan.project_id = bid.project_id
         LEFT JOIN ${REPAYMENT}.repayment_instalment made
           ON made.project_id = bid.project_id AND made.investor_no = bid.investor_no
       WHERE bid.project_id = ? GROUP BY bid.investor_no, bid.amount, plan.annual_rate, plan.terms
       ORDER BY bid.investor_no`,
      [projectId],
    );
    return rows.map(({ investorNo, bid, due, instalments, numbers, principal, interest }) => ({
      investorNo: String(investorNo),
      ...{ bid: String(bid), due: String(due), principal: String(principal), interest: String(interest) },
      ...{ instalments: Number(instalments), numbers: Number(numbers) },
    }));
  } finally {
    await connection.end();
  }
}
