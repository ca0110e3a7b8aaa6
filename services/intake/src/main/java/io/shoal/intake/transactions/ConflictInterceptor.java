package io.shoal.intake.transactions;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import jakarta.transaction.Status;

/** Implements {@link RetryConflicts}, outside of the transaction that {@code @Transactional} begins. */
@Interceptor
@RetryConflicts
@Priority(Interceptor.Priority.PLATFORM_BEFORE)
class ConflictInterceptor {
    @AroundInvoke
    Object retry(InvocationContext call) throws Exception {
        return QuarkusTransaction.getStatus() == Status.STATUS_NO_TRANSACTION
                ? Conflicts.retry(call::proceed)
                : call.proceed();
    }
}
