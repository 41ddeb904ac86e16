import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { DeductionsModule } from './deductions/deductions.module.js';
import { ProductsModule } from './products/products.module.js';
import type { StockSettings } from './stock-settings.js';

@Module({})
export class AppModule {
  static forRoot(settings: StockSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), ProductsModule, DeductionsModule],
    };
  }
}
