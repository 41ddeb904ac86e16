import { Body, Controller, Header, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  ADMIN_SECURITY,
  AdminAction,
  AdminGuard,
  ApiProblem,
  IdentifierPipe,
  logAdminAction,
  replyTo,
} from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { ReviewReceipt } from './review.document.js';
import { ReviewService } from './review.service.js';

@ApiTags('projects')
@Controller('projects')
export class ReviewController {
  constructor(private readonly service: ReviewService) {}

  @Post(':projectId/approve')
  @HttpCode(200)
  @UseGuards(AdminGuard)
  @ApiBearerAuth(ADMIN_SECURITY)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Approves a project whose bids are full, for the holder of the admin token. May be repeated.',
  })
  @ApiOkResponse({ type: ReviewReceipt, description: 'It is approved, by this call or by one before.' })
  @ApiAcceptedResponse({ type: ReviewReceipt, description: 'Not known yet: repeat the call.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.UNAUTHORIZED,
    ProblemCode.PROJECT_NOT_FOUND,
    ProblemCode.PROJECT_NOT_FULL,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async approve(
    @Param('projectId', IdentifierPipe) projectId: string,
    @Body() { by, note }: AdminAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReviewReceipt | { readonly txNo: string }> {
    logAdminAction('a project is approved', { by, note }, { projectId });
    const answer = await this.service.approve(projectId);
    return replyTo(reply, answer, 200, `/trading/projects/${projectId}`);
  }
}
