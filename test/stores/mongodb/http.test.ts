import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { MongoClient } from 'mongodb';
import { mongoStore } from '../../../src/mongodb.js';
import { clientIds, type ConformanceReport, runConformanceTests, simulate } from '../../../src/tools/index.js';
import { type RunningServer, startServer } from '../../servers.js';
import { type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;

describeWithServer('a router over mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  let server: RunningServer;
  beforeAll(async () => {
    database = new TestDatabase(url ?? '');
    made = await database.make();
    server = await startServer(express, {}, made.store);
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  it('passes the conformance tests', async () => {
    const report: ConformanceReport = await runConformanceTests(server, { timeoutMilliseconds: 60_000 });
    expect(report.results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(150);
  });

  it.each(clientIds)('serves a life of %s without a finding', async (client) => {
    const report = await simulate({ ...server, client, users: 8, groups: 3, pageSize: 5 });
    expect(report.findings).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.leftBehind).toEqual([]);
  });

  it('returns 503 with Retry-After where MongoDB cannot be reached', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:9', { serverSelectionTimeoutMS: 50 });
    const lost = await startServer(express, { onError: () => undefined }, mongoStore(client.db('nowhere')));
    const headers = { authorization: `Bearer ${lost.key}`, 'content-type': 'application/scim+json' };
    const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' });
    const responses = [
      await fetch(`${lost.baseUrl}/Users`, { headers }),
      await fetch(`${lost.baseUrl}/Users`, { method: 'POST', headers, body }),
      await fetch(`${lost.baseUrl}/Groups/1`, { method: 'DELETE', headers }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([503, 503, 503]);
    for (const response of responses) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await lost.close();
    await client.close();
  });
});
