export {
  type FirstStep,
  type HealthCheck,
  type NavEntry,
  type SettingField,
  type SettingsGroup,
  type WebArea,
} from './area.ts';
export { createAuditor, type Auditor } from './auditor.ts';
export { createAssets, type Asset } from './assets.ts';
export {
  can,
  flash,
  sessionMark,
  userOf,
  type FlashKind,
  type RequestContext,
  type SignedInUser,
} from './context.ts';
export { cursorAfter, partOf, type Cursor, type Order, type Part } from './keyset.ts';
export { countUpTo, likePattern } from './count.ts';
export { cookies, createCsrf, type Csrf } from './csrf.ts';
export { csvCell, csvLine } from './csv.ts';
export { errorHandler, problemWords } from './errors.ts';
export { guard } from './guard.ts';
export { guardApi } from './guard-api.ts';
export { createHelpers } from './helpers.ts';
export { createIcons } from './icons.ts';
export { withParams } from './list-query.ts';
export { createList } from './list.ts';
export type { Column, ListRequest, Slice, Total } from './list-definition.ts';
export { fragment, isHtmx, localPath, page, redirect, wantsJson, type PageOptions } from './page.ts';
export { conflict, forbidden, found, HttpProblem, notFound, toProblem } from './problem.ts';
export { sliceOf } from './slice-of.ts';
export { sse, type LiveEvent, type LiveOptions } from './sse.ts';
export { fieldErrors, formState, idParams, validate, type FormState } from './validate.ts';
