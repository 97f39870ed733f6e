// SPDX-License-Identifier: BSL-1.0
import type { components, operations, paths } from './generated/openapi.js';

// The names that the rest of the client goes by. All of them are made of the OpenAPI document, so that a change of the
// contract is a type error wherever the client does not follow it.

type Schemas = components['schemas'];

/** What an operation answers with a status. */
type Answer<Operation extends keyof operations, Status extends number> = operations[Operation] extends {
    responses: { [status in Status]: { content: { 'application/json': infer Body } } };
}
    ? Body
    : never;

/** `completed` also where some items failed; `completed`, `failed` and `cancelled` never change again. */
export type JobPhase = Schemas['JobStatus'];
/** A job at one moment, with the errors that were asked for: the answer of `status`. */
export type JobStatus = Answer<'getStatus', 200>;
/** A job at one moment, without its errors: what lists and progress give. */
export type JobSnapshot = Schemas['JobWithoutErrors'];
export type Progress = Schemas['Progress'];
export type Milestone = Schemas['Milestone'];
export type ItemError = Schemas['ItemError'];
export type WaitingFor = Schemas['WaitingFor'];
export type FailureKind = Schemas['FailureKind'];
export type StopReason = Schemas['StopReason'];
export type ResultLine = Schemas['ResultLine'];
export type StartedJob = Answer<'startJob', 201>;
export type RetriedJob = Answer<'retryJob', 201>;
/** What cancel, pause, resume and update answer. */
export type SteeredJob = Answer<'cancelJob' | 'pauseJob' | 'resumeJob' | 'updateJob', 200>;
export type JobPage = Answer<'listJobs', 200>;
export type ActiveJobs = Answer<'listActiveJobs', 200>;
export type ActiveJob = ActiveJobs['jobs'][number];
export type Stats = Answer<'getStats', 200>;
export type Estimate = Answer<'getEstimate', 200>;
export type Problem = Schemas['Problem'];
/** The types of problems that the API has. A server or proxy in front of it may have others. */
export type ProblemType = Problem['type'];
export type FieldError = NonNullable<Problem['errors']>[number];
export type JobChanges = Schemas['UpdateRequest'];

export type StartRequest = Schemas['StartRequest'];

/** Data of the events of a job, by the event's name. */
export interface JobEvents {
    progress: Schemas['ProgressEvent'];
    milestone: Schemas['MilestoneEvent'];
    finished: Schemas['ProgressEvent'];
    closing: Schemas['ClosingEvent'];
}

type Query<Operation extends keyof operations> = NonNullable<operations[Operation]['parameters']['query']>;

export type StatusQuery = Query<'getStatus'>;
export type JobsQuery = Query<'listJobs'>;
export type ResultsQuery = Omit<Query<'streamResults'>, 'follow'>;
export type EstimateQuery = Query<'getEstimate'>;
export type RetryQuery = Query<'retryJob'>;

/** The calls that a job has: `status`, `cancel` and so on. */
export type JobCall = keyof { [Path in keyof paths as Path extends `/{jobId}/${infer Call}` ? Call : never]: never };
/** The paths that are no job's. */
export type PlainPath = Exclude<keyof paths, `/{jobId}/${string}`>;

/** Whether a job never changes again. */
export function isFinal(phase: JobPhase): boolean {
    return phase === 'completed' || phase === 'failed' || phase === 'cancelled';
}
