import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startServiceHttp } from '../http/service-http.fixture.js';
import { AdminController } from './admin-controller.decorator.js';
import { adminProof, PROOF_VALID_MS } from './admin-proof.js';

@AdminController('books')
class SomeBooksController {
  @Get()
  read(): object {
    return { books: 'some-service' };
  }

  @Post()
  change(): object {
    return {};
  }
}

const TOKEN = 'the-token';
const PATH = '/some-service/admin/books';

describe('a proof of knowing the admin token', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await startServiceHttp({
      controllers: [SomeBooksController],
      providers: [],
      environment: { ADMIN_TOKEN: TOKEN },
    });
  });
  afterAll(() => app.close());

  const call = (authorization: string, url = PATH, method: 'GET' | 'POST' = 'GET') =>
    app.inject({ method, url, headers: { authorization } });

  it('opens what may be read, and does not contain the token', async () => {
    const proof = adminProof(TOKEN, PATH);
    expect((await call(proof)).json()).toEqual({ books: 'some-service' });
    expect(proof).not.toContain(TOKEN);
    expect(adminProof(TOKEN, PATH)).not.toBe(proof);
  });

  it.each([
    ['of another token', () => adminProof('another', PATH)],
    ['for another path', () => adminProof(TOKEN, '/some-service/admin/faults')],
    ['for another query', () => adminProof(TOKEN, `${PATH}?a=1`)],
    ['that is old', () => adminProof(TOKEN, PATH, Date.now() - PROOF_VALID_MS - 5000)],
    ['from the future', () => adminProof(TOKEN, PATH, Date.now() + PROOF_VALID_MS + 60_000)],
    ['with another time', () => adminProof(TOKEN, PATH, Date.now() - 1000).replace(/ \d+/, ` ${Date.now()}`)],
    ['that is cut', () => adminProof(TOKEN, PATH).slice(0, -1)],
    ['as a token', () => `Bearer ${adminProof(TOKEN, PATH).split(' ')[1] ?? ''}`],
  ])('opens nothing %s', async (_what, proof) => {
    expect((await call(proof())).json()).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
  });

  it('changes nothing', async () => {
    expect((await call(adminProof(TOKEN, PATH), PATH, 'POST')).statusCode).toBe(401);
  });
});
