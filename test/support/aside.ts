/**
 * The options of a test that runs beside others. Each needs its own: tap keeps in them what came of the test,
 * and would show that of one for all that share them.
 */
export const aside = <O extends object = object>(more?: O) => ({ buffered: true, ...more })
