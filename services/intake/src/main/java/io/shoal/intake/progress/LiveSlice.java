package io.shoal.intake.progress;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.StatusRecord;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a slice has reported last, without its bitmap and trackers.
 *
 * @param gen the generation that it speaks of
 * @param rev the revision of the wish that is in force there
 * @param epoch rises with each owner
 * @param worker the owner's name
 * @param reason why it makes no progress; null while it does
 * @param check the check that its stored segments answer to
 * @param down payload received in this generation
 * @param up payload sent in this generation
 * @param left bytes of the wanted segments that are not verified; null while the owner does not know it
 */
public record LiveSlice(
        Generation gen,
        long rev,
        long epoch,
        String worker,
        StatusRecord.State state,
        StatusRecord.@Nullable Reason reason,
        int check,
        long down,
        long up,
        @Nullable Long left,
        Rates rates,
        Peers peers) {}
