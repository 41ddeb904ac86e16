import type { ServiceName } from '@txmsg/contracts';
import type { ServiceSettings } from '@txmsg/service';
import { Bank1Settings } from '../../apps/bank1/src/bank1-settings.js';
import { Bank2Settings } from '../../apps/bank2/src/bank2-settings.js';
import { OrderSettings } from '../../apps/order/src/order-settings.js';
import { StockSettings } from '../../apps/stock/src/stock-settings.js';
import { NotifierSettings } from '../../apps/notifier/src/notifier-settings.js';
import { RepaymentSettings } from '../../apps/repayment/src/repayment-settings.js';
import { TradingSettings } from '../../apps/trading/src/trading-settings.js';
import { PaySettings } from '../../apps/pay/src/pay-settings.js';
import { PointsSettings } from '../../apps/points/src/points-settings.js';
import { CustodySettings } from '../../apps/custody/src/custody-settings.js';
import { UserSettings } from '../../apps/user/src/user-settings.js';
import { IdentitySettings } from '../../apps/identity/src/identity-settings.js';
import { SeataBank1Settings } from '../../apps/seata-bank1/src/seata-bank1-settings.js';
import { SeataBank2Settings } from '../../apps/seata-bank2/src/seata-bank2-settings.js';

/** What each service reads from its environment. */
export const SETTINGS_CLASSES: Readonly<Record<ServiceName, new () => ServiceSettings>> = {
  bank1: Bank1Settings,
  bank2: Bank2Settings,
  order: OrderSettings,
  stock: StockSettings,
  trading: TradingSettings,
  repayment: RepaymentSettings,
  user: UserSettings,
  points: PointsSettings,
  pay: PaySettings,
  custody: CustodySettings,
  notifier: NotifierSettings,
  'seata-bank1': SeataBank1Settings,
  'seata-bank2': SeataBank2Settings,
  identity: IdentitySettings,
};
