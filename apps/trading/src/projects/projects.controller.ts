import { Body, Controller, Get, Header, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  ADMIN_SECURITY,
  AdminGuard,
  ApiProblem,
  asDatabaseProblem,
  IdentifierPipe,
  logAdminAction,
  ProblemException,
} from '@txmsg/service';
import type { FastifyReply } from 'fastify';
import { BidPage, ProjectDocument } from './project.document.js';
import { ProjectLedger, type ProjectOutcome, type ProjectRefusal } from './project.ledger.js';
import { noSuchProject, ProjectReader } from './project.reader.js';
import { BidsQuery, BidsRequest, ProjectRequest } from './project.request.js';

@ApiTags('projects')
@Controller('projects')
export class ProjectsController {
  constructor(
    private readonly ledger: ProjectLedger,
    private readonly reader: ProjectReader,
  ) {}

  @Get(':projectId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'A project, and how much is bid for it.' })
  @ApiOkResponse({ type: ProjectDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.PROJECT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  find(@Param('projectId', IdentifierPipe) projectId: string): Promise<ProjectDocument> {
    return this.reader.find(projectId);
  }

  @Get(':projectId/bids')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'The bids of a project, page by page. Repayment reads them when it makes the plan.',
  })
  @ApiOkResponse({ type: BidPage })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.PROJECT_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  bids(
    @Param('projectId', IdentifierPipe) projectId: string,
    @Query() { after, limit }: BidsQuery,
  ): Promise<BidPage> {
    return this.reader.bids(projectId, after, Number(limit));
  }

  @Post()
  @UseGuards(AdminGuard)
  @ApiBearerAuth(ADMIN_SECURITY)
  @ApiOperation({ summary: 'A new project, for the holder of the admin token. May be repeated.' })
  @ApiCreatedResponse({ type: ProjectDocument })
  @ApiOkResponse({ type: ProjectDocument, description: 'It was there already, with the same contents.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.UNAUTHORIZED,
    ProblemCode.ROUTE_NOT_FOUND,
    ProblemCode.PROJECT_CONFLICT,
    ProblemCode.OUTCOME_UNKNOWN,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async create(
    @Body() { by, note, ...project }: ProjectRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProjectDocument> {
    logAdminAction('a project is made', { by, note }, project);
    return this.answer(project.projectId, this.ledger.create(project), reply);
  }

  @Post(':projectId/bids')
  @UseGuards(AdminGuard)
  @ApiBearerAuth(ADMIN_SECURITY)
  @ApiOperation({ summary: 'Bids for a project: all of them, or none. May be repeated.' })
  @ApiCreatedResponse({ type: ProjectDocument })
  @ApiOkResponse({ type: ProjectDocument, description: 'All were there already.' })
  @ApiProblem(
    ProblemCode.INVALID_INPUT,
    ProblemCode.UNAUTHORIZED,
    ProblemCode.PROJECT_NOT_FOUND,
    ProblemCode.PROJECT_CONFLICT,
    ProblemCode.PROJECT_CLOSED,
    ProblemCode.BIDS_EXCEED_AMOUNT,
    ProblemCode.OUTCOME_UNKNOWN,
    ProblemCode.SERVICE_UNAVAILABLE,
  )
  async bid(
    @Param('projectId', IdentifierPipe) projectId: string,
    @Body() { by, note, bids }: BidsRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProjectDocument> {
    logAdminAction('bids for a project', { by, note }, { projectId, bids: bids.length });
    return this.answer(projectId, this.ledger.bid(projectId, bids), reply);
  }

  private async answer(
    projectId: string,
    doing: Promise<ProjectOutcome>,
    reply: FastifyReply,
  ): Promise<ProjectDocument> {
    const outcome = await doing.catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    if (!('project' in outcome)) throw refusal(projectId, outcome.kind);
    void reply
      .code(outcome.kind === 'FIRST' ? 201 : 200)
      .header('location', `/trading/projects/${projectId}`);
    return outcome.project;
  }
}

function refusal(projectId: string, reason: ProjectRefusal): ProblemException {
  switch (reason) {
    case 'NO_SUCH_PROJECT':
      return noSuchProject(projectId);
    case 'CONFLICT':
      return new ProblemException(
        ProblemCode.PROJECT_CONFLICT,
        `Project "${projectId}", or one of these bids, is there already with other contents.`,
      );
    case 'CLOSED':
      return new ProblemException(
        ProblemCode.PROJECT_CLOSED,
        `Project "${projectId}" was approved and takes no bids any more.`,
      );
    case 'TOO_MUCH':
      return new ProblemException(
        ProblemCode.BIDS_EXCEED_AMOUNT,
        `With these bids, there would be more than project "${projectId}" asks for; none was stored.`,
      );
  }
}
