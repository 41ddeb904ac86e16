import { Body, Controller, Get, Header, Headers, Param, Post, Res, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  ADMIN_SECURITY,
  AdminGuard,
  ApiProblem,
  BoundedRead,
  chooseTxNo,
  IdentifierPipe,
  logAdminAction,
  ProblemException,
} from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { productDocument, ProductDocument } from './product.document.js';
import { ProductEntity } from './product.entity.js';
import { ProductIntake } from './product.intake.js';
import { ProductRequest } from './product.request.js';

@ApiTags('products')
@Controller('products')
export class ProductsController {
  constructor(
    private readonly read: BoundedRead,
    private readonly intake: ProductIntake,
  ) {}

  @Get(':productId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A product and its pieces.' })
  @ApiOkResponse({ type: ProductDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.PRODUCT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('productId', IdentifierPipe) wanted: string): Promise<ProductDocument> {
    const product = await this.read.run((manager) => manager.findOneBy(ProductEntity, { productId: wanted }));
    if (!product) {
      throw new ProblemException(ProblemCode.PRODUCT_NOT_FOUND, `There is no product "${wanted}" in stock.`);
    }
    return productDocument(product);
  }

  @Post()
  @UseGuards(AdminGuard)
  @ApiBearerAuth(ADMIN_SECURITY)
  @ApiOperation({
    summary: 'Brings pieces in: a new product, or more of one. For the holder of the admin token.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A repeated call with the same key adds nothing.',
  })
  @ApiCreatedResponse({ type: ProductDocument })
  @ApiOkResponse({ type: ProductDocument, description: 'A repeated key: nothing was added.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.UNAUTHORIZED,
    ProblemCode.ROUTE_NOT_FOUND,
    ProblemCode.TX_NO_CONFLICT,
    ProblemCode.OUTCOME_UNKNOWN,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async bringIn(
    @Body() { by, note, productId, count }: ProductRequest,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductDocument> {
    const intakeNo = chooseTxNo(undefined, idempotencyKey);
    logAdminAction('pieces are brought in', { by, note }, { intakeNo, productId, count });
    const outcome = await this.intake.take({ intakeNo, productId, count });
    if (outcome.kind === 'OTHER_CONTENTS') {
      const detail = `Idempotency-Key "${intakeNo}" was used before, for other pieces.`;
      throw new ProblemException(ProblemCode.TX_NO_CONFLICT, detail, { txNo: intakeNo });
    }
    void reply.code(outcome.kind === 'FIRST' ? 201 : 200).header('location', `/stock/products/${productId}`);
    return outcome.product;
  }
}
